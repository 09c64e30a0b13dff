// SPDX-License-Identifier: Apache-2.0
// A layout that was exported and compiled again is the same plan, byte for byte.
#include "partitions/bindings/bindings.hpp"
#include "tests/unit/bindings/random_layout.hpp"
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

namespace cloison::test {
namespace {

namespace fs = std::filesystem;

auto parts(const PlannedMemory& m) {
    return std::tuple(m.guest, m.host, m.size);
}

void expect_same_partition(const PlannedPartition& a, const PlannedPartition& b) {
    EXPECT_EQ(a.apic_ids, b.apic_ids);
    ASSERT_EQ(a.memory.size(), b.memory.size());
    for (usize i = 0; i < a.memory.size(); ++i)
        EXPECT_EQ(parts(a.memory[i]), parts(b.memory[i]));
    EXPECT_EQ(a.identity_mapped, b.identity_mapped);
    EXPECT_EQ(a.cache_mask, b.cache_mask);
    EXPECT_EQ(a.macs, b.macs);
    EXPECT_EQ(a.console, b.console);
    EXPECT_EQ(a.kernel, b.kernel);
    EXPECT_EQ(a.initrd, b.initrd);
    EXPECT_EQ(a.acpi, b.acpi);
}

void expect_same_plan(const CompiledLayout& a, const CompiledLayout& b) {
    EXPECT_EQ(a.manifest, b.manifest);
    EXPECT_EQ(a.plan.pools, b.plan.pools);
    ASSERT_EQ(a.plan.partitions.size(), b.plan.partitions.size());
    for (usize i = 0; i < a.plan.partitions.size(); ++i)
        expect_same_partition(a.plan.partitions[i], b.plan.partitions[i]);
    ASSERT_EQ(a.plan.images.size(), b.plan.images.size());
    for (usize i = 0; i < a.plan.images.size(); ++i)
        EXPECT_TRUE(fs::equivalent(a.plan.images[i].path, b.plan.images[i].path));
    EXPECT_EQ(a.plan.budget.given, b.plan.budget.given);
    EXPECT_EQ(a.plan.budget.free, b.plan.budget.free);
    EXPECT_EQ(a.plan.budget.firmware_used, b.plan.budget.firmware_used);
}

std::string all_text(const Diagnostics& findings) {
    std::string all;
    for (const Diagnostic& finding : findings.list())
        all += to_text(finding, false);
    return all;
}

void write(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

class Bindings : public testing::Test {
  protected:
    /// Exports what is compiled from `file` into a folder of its own, and compiles it again.
    void expect_round_trip(const fs::path& file, const CompiledLayout& compiled) {
        SCOPED_TRACE(file.string());
        fs::path folder = share_.path() / "exported";
        fs::create_directories(folder);
        std::string text = bindings::to_xml(compiled, {file.parent_path(), folder});
        write(folder / "layout.xml", text);
        Compilation again = compile(folder / "layout.xml", Purpose::model);
        ASSERT_TRUE(again.ok()) << all_text(again.diagnostics) << text;
        expect_same_plan(compiled, *again.value);
        EXPECT_EQ(bindings::to_xml(*again.value, {folder, folder}), text);
    }

    /// Whether there was anything to export.
    bool round_trip(const fs::path& file) {
        Compilation compilation = compile(file, Purpose::model);
        if (compilation.ok())
            expect_round_trip(file, *compilation.value);
        return compilation.ok();
    }

    TestShare share_;
};

TEST_F(Bindings, OfEverySampleGiveTheSamePlan) {
    usize exported = 0;
    for (const std::string& name : sample_names(samples()))
        exported += round_trip(samples() / (name + ".xml")) ? 1 : 0;
    EXPECT_GT(exported, 10u);
}

TEST_F(Bindings, OfEveryLayoutThatShipsGiveTheSamePlan) {
    // Its guests are stood in for by those of the tests.
    auto provide = [&](const std::string& image, const char* with) {
        if (!image.starts_with("guest:"))
            return;
        fs::path path = share_.path() / "guests" / image.substr(6);
        fs::create_directories(path.parent_path());
        fs::copy(share_.guest(with), path, fs::copy_options::skip_existing);
    };
    for (const auto& entry : fs::directory_iterator(CLOISON_SOURCE "/configs/layouts")) {
        Diagnostics findings;
        auto layout = read_layout(entry.path(), findings);
        ASSERT_TRUE(layout) << entry.path();
        for (const LayoutPartition& partition : layout->partitions) {
            provide(partition.boot.kernel, "vmlinuz");
            provide(partition.boot.initrd, "initrd");
        }
        EXPECT_TRUE(round_trip(entry.path())) << entry.path();
    }
}

TEST_F(Bindings, OfRandomLayoutsGiveTheSamePlan) {
    usize exported = 0;
    constexpr u32 trials = 200;
    for (u32 seed = 0; seed < trials && !HasFailure(); ++seed) {
        write(share_.path() / "platform.xml", random_platform(seed));
        write(share_.path() / "layout.xml", random_layout(seed));
        exported += round_trip(share_.path() / "layout.xml") ? 1 : 0;
    }
    EXPECT_GT(exported, trials / 4);
    EXPECT_LT(exported, trials);
}

TEST_F(Bindings, LeaveNothingToChoose) {
    fs::path file = samples() / "good-everything.xml";
    Compilation compilation = compile(file, Purpose::model);
    ASSERT_TRUE(compilation.ok());
    std::string text = bindings::to_xml(*compilation.value, {file.parent_path(), std::nullopt});
    for (const char* part :
         {"platform=\"platforms/server.xml\"", "<profile name=\"shared\" default=\"yes\">",
          "<pool name=\"common\">\n    <cpu apic-id=", "mac=\"02:00:5e:00:00:01\" trunk=\"yes\"",
          "entitlement=\"0.50\" sharing=\"uncapped\" weight=\"200\"", "page-size=\"1GiB\"",
          "back-off=\"500ms\"", "kernel=\"guest:test/vmlinuz\"\n          kernel-sha256=\"",
          "<at base=\"0x1c0000000\" size=\"64MiB\"/>", "size=\"16KiB\""})
        EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
    EXPECT_EQ(text.find("\"small\""), std::string::npos); // the profile that is not in force
    EXPECT_EQ(text.find(" desired=\"1\""), std::string::npos);
}

TEST_F(Bindings, KeepTheMachinesOwnAddresses) {
    Compilation compilation = compile(samples() / "control-identity-map.xml", Purpose::model);
    ASSERT_TRUE(compilation.ok());
    EXPECT_TRUE(compilation.value->plan.partitions[0].identity_mapped);
    expect_round_trip(samples() / "control-identity-map.xml", *compilation.value);
}

TEST_F(Bindings, KeepACommandLineOfAnyCharacters) {
    write(share_.path() / "platform.xml", random_platform(0));
    write(share_.path() / "layout.xml",
          "<layout name=\"x\" platform=\"platform.xml\"><partition name=\"a\" role=\"client\">"
          "<processors mode=\"dedicated\" desired=\"1\"/><memory desired=\"32MiB\"/>"
          "<boot kind=\"linux\" kernel=\"guest:test/vmlinuz\" "
          "command-line=\"  a=&quot;&apos;&lt;&amp;amp;&gt; ]]> é —  \"/></partition></layout>");
    Compilation compilation = compile(share_.path() / "layout.xml");
    ASSERT_TRUE(compilation.ok()) << all_text(compilation.diagnostics);
    EXPECT_EQ(compilation.value->layout.partitions[0].boot.command_line,
              "  a=\"'<&amp;> ]]> é —  ");
    expect_round_trip(share_.path() / "layout.xml", *compilation.value);
}

TEST(Moved, NamesTheSameFileFromAnotherFolder) {
    using bindings::moved;
    EXPECT_EQ(moved("../p/x.xml", {"/a/b", "/a/c"}), "../p/x.xml");
    EXPECT_EQ(moved("x.xml", {"/a/b", "/a/b/c/d"}), "../../x.xml");
    EXPECT_EQ(moved("../p/x.xml", {"/a/b", "/a/p"}), "x.xml");
    EXPECT_EQ(moved("x.xml", {"", "."}), "x.xml");
    EXPECT_EQ(moved("x.xml", {".", "out"}), "../x.xml");
    EXPECT_EQ(moved("/p/x.xml", {"/a/b", "/a/c"}), "/p/x.xml");
    EXPECT_EQ(moved("guest:a/b", {"/a/b", "/a/c"}), "guest:a/b");
    EXPECT_EQ(moved("../x.xml", {"/a/b", std::nullopt}), "../x.xml");
}

} // namespace
} // namespace cloison::test
