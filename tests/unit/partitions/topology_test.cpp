// SPDX-License-Identifier: Apache-2.0
// Where CPUs and memory come from on machines with threads and NUMA nodes.
#include "partitions/compile.hpp"
#include "partitions/plan/free_cpus.hpp"
#include "partitions/plan/node_memory.hpp"
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace cloison::test {
namespace {

using Ids = std::vector<u32>;

/// Two nodes of two cores of two threads: 0 to 3 on node 0, 4 to 7 on node 1; threads follow each
/// other.
Platform machine() {
    Platform platform;
    for (u32 id = 0; id < 8; ++id)
        platform.processors.push_back({{}, id, id / 4, id % 4 / 2, id % 2, id / 4});
    platform.nodes = {{{}, 0, {{1, 21}}}, {{}, 1, {{0, 21}}}};
    platform.ram = {{{}, {1 * gib, 1 * gib}, 0}, {{}, {4 * gib, 2 * gib}, 1}};
    return platform;
}

TEST(FreeCpus, GivesWholeCores) {
    Platform platform = machine();
    FreeCpus free(platform);
    EXPECT_EQ(free.take_some(2, 1, false), (Ids{0, 1}));
    EXPECT_EQ(free.take_some(1, 2, false), (Ids{2}));
    EXPECT_EQ(free.take_some(1, 3, false), (Ids{4})) << "a free core rather than thread 3";
}

TEST(FreeCpus, KeepsAPartyOnOneNode) {
    Platform platform = machine();
    FreeCpus free(platform);
    free.take(0, 9);
    EXPECT_EQ(free.take_some(4, 1, false), (Ids{4, 5, 6, 7}));
    EXPECT_EQ(free.take_some(3, 2, false), (Ids{2, 3, 1}));
    EXPECT_EQ(free.available(3, false), 0u);
}

TEST(FreeCpus, GrowsWhereThePartyIs) {
    Platform platform = machine();
    FreeCpus free(platform);
    free.take(5, 1);
    EXPECT_EQ(free.take_some(1, 1, false), (Ids{4}));
    EXPECT_EQ(free.take_some(1, 1, false), (Ids{6}));
}

TEST(FreeCpus, ExclusiveCoresAreNobodyElses) {
    Platform platform = machine();
    FreeCpus free(platform);
    EXPECT_EQ(free.take_some(1, 1, true), (Ids{0}));
    EXPECT_EQ(free.available(2, false), 6u);
    EXPECT_EQ(free.available(1, true), 7u);
    free.take(2, 2);
    EXPECT_EQ(free.available(3, true), 4u) << "core 1 has a user, core 0 an owner";
    for (u32 id : free.take_some(5, 2, false))
        EXPECT_NE(id, 1u);
    EXPECT_EQ(free.available(2, false), 0u);
}

TEST(FreeCpus, FindsPinnedCpusOnAnExclusiveCore) {
    Platform platform = machine();
    FreeCpus free(platform);
    free.take(0, 1);
    free.make_exclusive(1);
    EXPECT_FALSE(free.sharing_of_exclusive());
    free.take(1, 2);
    EXPECT_EQ(free.sharing_of_exclusive(), std::pair(usize{1}, usize{2}));
}

TEST(NodeMemory, ComesFromHomeThenFromTheNearest) {
    Platform platform = machine();
    NodeMemory memory(platform, {});
    auto near = memory.take(512 * mib, 1, large_page_size, 0, NodeMemory::anywhere);
    ASSERT_EQ(near.size(), 1u);
    EXPECT_EQ(near[0].base, 4 * gib);
    auto far = memory.take(1792 * mib, 1, large_page_size, 0, NodeMemory::anywhere);
    ASSERT_EQ(far.size(), 2u) << "what is left at home, the rest from the other node";
    EXPECT_EQ(far[0].base, 4 * gib + 512 * mib);
    EXPECT_EQ(far[1].size, 256 * mib);
    EXPECT_TRUE(memory.take(2 * gib, 0, large_page_size, 0, NodeMemory::anywhere).empty());
}

TEST(NodeMemory, KeepsToTheWindowAndToPages) {
    Platform platform = machine();
    NodeMemory memory(platform, {{1 * gib, 2 * mib}});
    constexpr Extent below{0, 4 * gib};
    EXPECT_EQ(memory.size_in(large_page_size, below), gib - 2 * mib);
    EXPECT_EQ(memory.size_in(gib, below), 0u);
    EXPECT_TRUE(memory.take(gib, 0, gib, 0, below).empty());
    EXPECT_EQ(memory.take(gib, 0, gib, 0, NodeMemory::anywhere).at(0).base, 4 * gib);
    EXPECT_FALSE(memory.take_at({1 * gib, 4 * mib}));
    EXPECT_TRUE(memory.take_at({1 * gib + 2 * mib, 4 * mib}));
    EXPECT_FALSE(memory.take_at({1 * gib + 2 * mib, 2 * mib}));
}

// --- through the compiler ---

class Compiled : public testing::Test {
  protected:
    Compilation sample(const std::string& name) {
        return compile(samples() / (name + ".xml"), Purpose::model);
    }
    /// A layout on the samples' server platform.
    Compilation text(const std::string& partitions, const std::string& platform = "server") {
        std::ofstream(share_.path() / "layout.xml")
            << "<layout name=\"text\" platform=\"" << (samples() / "platforms").string() << "/"
            << platform << ".xml\">" << partitions << "</layout>";
        return compile(share_.path() / "layout.xml", Purpose::model);
    }
    static std::string partition(const std::string& name, const std::string& inside) {
        return "<partition name=\"" + name + "\" role=\"client\">" + inside +
               "<boot kind=\"linux\" kernel=\"guest:test/vmlinuz\"/></partition>";
    }

    TestShare share_;
};

TEST_F(Compiled, EverythingHasItsPlace) {
    Compilation compilation = sample("good-everything");
    ASSERT_TRUE(compilation.ok());
    const Plan& plan = compilation.value->plan;
    EXPECT_EQ(plan.pools.at(0).size(), 2u);
    EXPECT_TRUE(plan.partitions[2].apic_ids.empty()) << "its CPUs are the pool's";
    EXPECT_EQ(plan.partitions[2].memory.at(0).host % gib, 0u);
    EXPECT_EQ(plan.partitions[3].apic_ids, (Ids{18, 19}));
    EXPECT_EQ(plan.partitions[3].memory.at(0).host, 7 * gib);
    EXPECT_EQ(plan.partitions[3].memory.at(1).host, 6 * gib);
    EXPECT_EQ(plan.partitions[3].cache_mask, 0xFu);
    EXPECT_EQ(plan.partitions[2].macs.at(1), 0x02005E000001u);
    EXPECT_EQ(plan.partitions[2].macs.at(0) >> 40 & 3, 2u) << "local, of one station";
    EXPECT_TRUE(compilation.value->manifest.empty()) << "no manifest holds shared processors";
}

TEST_F(Compiled, MemoryIsOnTheNodeOfTheCpus) {
    Compilation compilation =
        text(partition("alpha", "<processors mode=\"dedicated\"><cpu apic-id=\"16\"/></processors>"
                                "<memory desired=\"1GiB\"/>"));
    ASSERT_TRUE(compilation.ok());
    EXPECT_EQ(compilation.diagnostics.warnings(), 0u);
    EXPECT_EQ(compilation.value->plan.partitions[0].memory.at(0).host, 6 * gib);
}

TEST_F(Compiled, MinimaFirstThenByActivation) {
    auto wants = [](const char* attributes) {
        return "<processors mode=\"dedicated\" minimum=\"2\" desired=\"6\"/><memory " +
               std::string(attributes) + "/>";
    };
    std::string late = partition("late", wants("minimum=\"64MiB\" desired=\"128MiB\""));
    std::string early = partition("early", wants("desired=\"64MiB\""));
    early.replace(early.find("role"), 0, "activation=\"1\" ");
    Compilation compilation = text(late + early);
    ASSERT_TRUE(compilation.ok());
    const Plan& plan = compilation.value->plan;
    EXPECT_EQ(plan.partitions[1].apic_ids.size(), 6u);
    EXPECT_EQ(plan.partitions[0].apic_ids.size(), 2u);
    EXPECT_EQ(plan.partitions[0].memory_size(), 128 * mib);
}

TEST_F(Compiled, DmaWithoutIommuIsMappedToTheMachinesAddresses) {
    Compilation compilation = sample("control-identity-map");
    ASSERT_TRUE(compilation.ok());
    const PlannedPartition& control = compilation.value->plan.partitions[0];
    EXPECT_TRUE(control.identity_mapped);
    EXPECT_EQ(control.memory_size(), 64 * mib);
    ASSERT_GE(control.memory.size(), 2u);
    EXPECT_EQ(control.memory[0].guest, 0u);
    EXPECT_EQ(control.memory[0].size, large_page_size);
    for (usize i = 1; i < control.memory.size(); ++i)
        EXPECT_EQ(control.memory[i].guest, control.memory[i].host);
}

TEST_F(Compiled, IdentityMapNeedsMemoryWhereGuestsHaveIt) {
    std::string taken = partition(
        "alpha", "<processors mode=\"dedicated\" desired=\"1\"/><memory desired=\"8GiB\"/>");
    std::string control = partition(
        "control", "<processors mode=\"dedicated\" desired=\"1\"/><memory desired=\"16MiB\"/>"
                   "<device address=\"0000:02:00.0\"/>");
    control.replace(control.find("client"), 6, "control");
    EXPECT_FALSE(text(control + taken, "no-iommu").ok());
    // All that is free is between 3 and 4 GiB, where a guest has devices.
    std::ofstream(share_.path() / "platform.xml")
        << "<platform name=\"p\" large-pages-1g=\"yes\"><processor apic-id=\"0\"/>"
           "<ram base=\"1MiB\" size=\"20MiB\"/><ram base=\"3GiB\" size=\"512MiB\"/>"
           "<device address=\"0000:02:00.0\" class=\"nvme\"/>"
           "<firmware base=\"2MiB\" size=\"4MiB\"/><staging base=\"6MiB\" size=\"14MiB\"/>"
           "</platform>";
    std::ofstream(share_.path() / "layout.xml")
        << "<layout name=\"l\" platform=\"platform.xml\">" << control << "</layout>";
    Compilation compilation = compile(share_.path() / "layout.xml", Purpose::model);
    auto is_it = [](const Diagnostic& finding) { return finding.rule == "identity-map"; };
    const auto& list = compilation.diagnostics.list();
    EXPECT_TRUE(std::any_of(list.begin(), list.end(), is_it));
}

TEST_F(Compiled, MacsDependOnNamesAlone) {
    auto macs = [&](const std::string& before) {
        std::string network = "<processors mode=\"dedicated\" desired=\"1\"/>"
                              "<memory desired=\"64MiB\"/><network switch=\"s\"/>";
        std::string io = partition("io", "<processors mode=\"dedicated\" desired=\"1\"/>"
                                         "<memory desired=\"64MiB\"/>");
        io.replace(io.find("client"), 6, "io-server");
        Compilation compilation =
            text("<switch name=\"s\" server=\"io\"/>" + io + before + partition("alpha", network));
        EXPECT_TRUE(compilation.ok());
        return compilation.value->plan.partitions.back().macs;
    };
    auto other = partition("beta", "<processors mode=\"dedicated\" desired=\"1\"/>"
                                   "<memory desired=\"64MiB\"/><network switch=\"s\"/>");
    EXPECT_EQ(macs(""), macs(other));
}

} // namespace
} // namespace cloison::test
