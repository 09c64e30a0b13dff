// SPDX-License-Identifier: Apache-2.0
// Captured machines and the platform files that are made of them.
#include "partitions/describe/machine.hpp"
#include "partitions/describe/report.hpp"
#include "partitions/platform/platform.hpp"
#include "tests/unit/describe/captured_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace cloison::test {
namespace {

using describe::Item;
using describe::State;

std::string file_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

describe::Machine machine_of(const CapturedTree& tree) {
    return describe::read_machine(describe::Tree(tree.path()));
}

State state_of(const CapturedTree& tree, const std::string& name) {
    for (const Item& item : describe::judge(machine_of(tree)))
        if (item.name == name)
            return item.state;
    ADD_FAILURE() << "no item " << name;
    return State::unknown;
}

// --- whole machines, against what was written by hand from the tree ---

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, IsDescribed) {
    std::string name = GetParam();
    CapturedTree tree(name);
    describe::Machine machine = machine_of(tree);
    EXPECT_EQ(describe::to_xml(machine, name),
              file_text(in_describe_tests("golden/" + name + ".xml")));
    EXPECT_EQ(describe::to_text(describe::judge(machine), name),
              file_text(in_describe_tests("golden/" + name + ".txt")));
}

INSTANTIATE_TEST_SUITE_P(Trees, Golden, testing::Values("laptop", "two-socket", "closed"),
                         [](const auto& tree) {
                             std::string name = tree.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(Description, IsAPlatformThatCheckTakes) {
    for (const char* name : {"laptop", "two-socket"}) {
        Diagnostics findings;
        auto platform =
            parse_platform(describe::to_xml(machine_of(CapturedTree(name)), name), name, findings);
        for (const Diagnostic& finding : findings.list())
            ADD_FAILURE() << cloison::to_text(finding, false);
        ASSERT_TRUE(platform);
        EXPECT_EQ(platform->name, name);
    }
}

TEST(Platforms, ThatShipAreWithoutFindings) {
    usize seen = 0;
    for (const auto& file :
         std::filesystem::directory_iterator(in_describe_tests("../../../configs/platforms"))) {
        Diagnostics findings;
        EXPECT_TRUE(read_platform(file.path(), findings));
        for (const Diagnostic& finding : findings.list())
            ADD_FAILURE() << cloison::to_text(finding, false);
        ++seen;
    }
    EXPECT_GE(seen, 4u);
}

TEST(Fit, NeedsEverythingThatIsNeeded) {
    EXPECT_TRUE(describe::fit(describe::judge(machine_of(CapturedTree("two-socket")))));
    EXPECT_FALSE(describe::fit(describe::judge(machine_of(CapturedTree("laptop")))));
    EXPECT_FALSE(describe::fit(describe::judge(machine_of(CapturedTree("closed")))));
}

// --- each feature by itself: taken away, it is lacking and nothing else is ---

struct Feature {
    const char* flag;
    const char* name;
};

class VmxFeature : public testing::TestWithParam<Feature> {};

TEST_P(VmxFeature, IsMissedWhereOneCpuLacksIt) {
    CapturedTree tree("two-socket");
    auto before = describe::judge(machine_of(tree));
    std::string text = tree.read("/proc/cpuinfo"), flag = std::string(" ") + GetParam().flag + " ";
    // In the last CPU's block alone: partitions may get any CPU.
    for (usize at; (at = text.find(flag, text.rfind("apicid\t"))) != std::string::npos;)
        text.replace(at, flag.size(), " ");
    tree.write("/proc/cpuinfo", text);
    auto after = describe::judge(machine_of(tree));
    ASSERT_EQ(before.size(), after.size());
    for (usize i = 0; i < before.size(); ++i) {
        EXPECT_EQ(before[i].state, State::present) << before[i].name;
        bool lacking = after[i].name == GetParam().name;
        EXPECT_EQ(after[i].state, lacking ? State::absent : State::present) << after[i].name;
        EXPECT_EQ(after[i].remark.empty(), !lacking) << after[i].name;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Features, VmxFeature,
    testing::Values(Feature{"ept", "ept"}, Feature{"vpid", "vpid"}, Feature{"invvpid", "invvpid"},
                    Feature{"unrestricted_guest", "unrestricted-guest"},
                    Feature{"preemption_timer", "vmx-preemption-timer"},
                    Feature{"vnmi", "virtual-nmis"}, Feature{"tsc_offset", "tsc-offsetting"},
                    Feature{"ept_1gb", "ept-1gib-pages"},
                    Feature{"vapic_reg", "apic-register-virtualization"},
                    Feature{"vid", "virtual-interrupt-delivery"},
                    Feature{"posted_intr", "posted-interrupts"}, Feature{"x2apic", "x2apic"}),
    [](const auto& feature) {
        std::string name = feature.param.flag;
        return name;
    });

TEST(Features, AreShownInFlagsByAnOldLinux) {
    CapturedTree tree("closed");
    for (const char* name : {"vmx", "ept", "vpid", "virtual-nmis", "tpr-shadow"})
        EXPECT_EQ(state_of(tree, name), State::present) << name;
    EXPECT_EQ(state_of(tree, "unrestricted-guest"), State::unknown);
}

// --- tables and what Linux makes of them ---

TEST(Nodes, ComeFromTheTablesWhereLinuxIgnoresThem) {
    CapturedTree tree("two-socket");
    tree.remove("/sys/devices/system/node/node1");
    tree.write("/sys/devices/system/node/node0/distance", "10\n");
    tree.write("/sys/firmware/acpi/tables/SLIT",
               acpi_table("SLIT", bytes_of("01  03 00 00 00 00 00 00 00"
                                           "  0A 0B 0C  0D 0A 0E  0F 10 0A")));
    describe::Machine machine = machine_of(tree);
    ASSERT_EQ(machine.numa.nodes.size(), 2u);
    EXPECT_EQ(machine.numa.nodes[0].distances, (std::map<u32, u32>{{0, 10}, {1, 14}}));
    EXPECT_EQ(machine.numa.nodes[1].distances, (std::map<u32, u32>{{0, 16}, {1, 10}}));
    for (const describe::Processor& processor : machine.processors.list)
        EXPECT_EQ(processor.node, processor.apic_id / 0x20) << processor.apic_id;
    EXPECT_EQ(machine.memory.ram.back().node, 1u);
    // Devices' numbers are Linux's, which mean something else now.
    std::string xml = describe::to_xml(machine, "x");
    for (usize at = 0; (at = xml.find("<device ", at)) != std::string::npos; ++at)
        EXPECT_EQ(xml.substr(at, xml.find('>', at) - at).find(" node="), std::string::npos);
}

TEST(Processors, OfSeveralDiesAreNumberedThrough) {
    CapturedTree tree("two-socket");
    tree.remove("/sys/firmware/acpi");
    for (const char* cpu : {"0", "1", "2", "3"}) {
        std::string folder = std::string("/sys/devices/system/cpu/cpu") + cpu + "/topology/";
        tree.write(folder + "physical_package_id", "0\n");
        tree.write(folder + "die_id", cpu[0] % 2 == 0 ? "0\n" : "1\n");
        tree.write(folder + "core_id", cpu[0] < '2' ? "0\n" : "4\n");
    }
    std::vector<u32> cores;
    for (const describe::Processor& processor : machine_of(tree).processors.list)
        cores.push_back(processor.core.value_or(99));
    EXPECT_EQ(cores, (std::vector<u32>{0, 1, 2, 3}));
}

TEST(Cache, CountsWaysAndClassesWithCodeAndDataApart) {
    CapturedTree tree("two-socket");
    tree.remove("/sys/fs/resctrl/info/L3");
    EXPECT_EQ(state_of(tree, "cat-l3"), State::unknown);
    tree.write("/sys/fs/resctrl/info/L3CODE/cbm_mask", "fffff\n");
    tree.write("/sys/fs/resctrl/info/L3CODE/num_closids", "8\n");
    describe::Machine machine = machine_of(tree);
    ASSERT_TRUE(machine.cache);
    EXPECT_EQ(machine.cache->ways, 20u);
    EXPECT_EQ(machine.cache->classes, 8u);
    EXPECT_EQ(machine.cache->size, 22528 * kib);
}

TEST(Iommu, IsNotRuledOutWithoutTables) {
    CapturedTree tree("two-socket");
    tree.remove("/sys/firmware/acpi");
    EXPECT_EQ(state_of(tree, "iommu"), State::unknown);
    EXPECT_EQ(state_of(tree, "acpi-madt"), State::absent);
    EXPECT_EQ(describe::to_xml(machine_of(tree), "x").find("<iommu"), std::string::npos);
}

} // namespace
} // namespace cloison::test
