// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/crc32.hpp"
#include "firmware/abi/footprint.hpp"
#include "firmware/abi/verify.hpp"
#include "partitions/compile.hpp"
#include "partitions/plan/node_memory.hpp"
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/layout_text.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cloison::test {
namespace {

class Planner : public testing::Test {
  protected:
    CompiledLayout compile_text(const PlatformText& platform,
                                const std::vector<PartitionText>& partitions) {
        Compilation compilation = compile(write_layout(share_.path(), platform, partitions));
        for (const Diagnostic& finding : compilation.diagnostics.list())
            ADD_FAILURE() << to_text(finding, false);
        return compilation.value.value();
    }

    TestShare share_;
    PlatformText machine_{{0, 1, 2, 3}, {{0, 636 * kib}, {mib, 1022 * mib}}, {960 * mib, 32 * mib}};
};

TEST_F(Planner, GivesTheLowestFreeCpusInTheLayoutsOrder) {
    machine_.apic_ids = {7, 2, 11, 4, 9};
    auto plan =
        compile_text(machine_,
                     {{"a", 2, {}, 64 * mib}, {"b", 0, {4, 2}, 64 * mib}, {"c", 1, {}, 64 * mib}})
            .plan;
    EXPECT_EQ(plan.partitions[0].apic_ids, (std::vector<u32>{7, 9}));
    EXPECT_EQ(plan.partitions[1].apic_ids, (std::vector<u32>{4, 2})); // as written
    EXPECT_EQ(plan.partitions[2].apic_ids, (std::vector<u32>{11}));
}

TEST_F(Planner, PrefersTheSmallestRangeThatHolds) {
    machine_.ram = {{mib, 127 * mib}, {256 * mib, 64 * mib}, {512 * mib, 488 * mib}};
    auto plan = compile_text(machine_, {{"a", 1, {}, 64 * mib}, {"b", 1, {}, 100 * mib}}).plan;
    ASSERT_EQ(plan.partitions[0].memory.size(), 1u);
    EXPECT_EQ(plan.partitions[0].memory[0].host, 256 * mib);
    ASSERT_EQ(plan.partitions[1].memory.size(), 1u);
    EXPECT_EQ(plan.partitions[1].memory[0].host, 6 * mib);
}

TEST_F(Planner, PutsLargePartitionsOnGibBoundaries) {
    machine_.ram = {{mib, 4 * gib}, {5 * gib, 3 * gib}};
    auto compiled = compile_text(machine_, {{"a", 1, {}, 64 * mib}, {"b", 1, {}, 2 * gib}});
    ASSERT_EQ(compiled.plan.partitions[1].memory.size(), 1u);
    EXPECT_EQ(compiled.plan.partitions[1].memory[0].host % gib, 0u);
    machine_.large_pages_1g = false;
    compiled = compile_text(machine_, {{"a", 1, {}, 64 * mib}, {"b", 1, {}, 2 * gib}});
    EXPECT_EQ(compiled.plan.partitions[1].memory.size(), 1u);
}

TEST_F(Planner, LeavesTheGuestsDevicesTheirAddresses) {
    machine_.ram = {{mib, 9 * gib}};
    auto plan = compile_text(machine_, {{"a", 1, {}, 5 * gib}}).plan;
    ASSERT_EQ(plan.partitions[0].memory.size(), 2u);
    EXPECT_EQ(plan.partitions[0].memory[0].guest, 0u);
    EXPECT_EQ(plan.partitions[0].memory[0].size, 3 * gib);
    EXPECT_EQ(plan.partitions[0].memory[1].guest, 4 * gib);
    EXPECT_EQ(plan.partitions[0].memory[1].size, 2 * gib);
}

TEST_F(Planner, ListsIdenticalImagesOnce) {
    std::vector<PartitionText> partitions{{"a", 1, {}, 64 * mib}, {"b", 1, {}, 64 * mib}};
    partitions[0].initrd = "guest:test/initrd";
    partitions[1].initrd = "guest:test/same-initrd"; // another file with the same bytes
    auto plan = compile_text(machine_, partitions).plan;
    ASSERT_EQ(plan.images.size(), 2u);
    EXPECT_EQ(plan.partitions[0].initrd, plan.partitions[1].initrd);
    EXPECT_EQ(plan.partitions[0].kernel, plan.partitions[1].kernel);
    EXPECT_EQ(plan.images[plan.partitions[0].initrd].size, TestShare::initrd_size);
    EXPECT_EQ(plan.images[plan.partitions[0].initrd].crc32c,
              abi::crc32c(std::vector<u8>(TestShare::initrd_size, 'i')));
}

TEST_F(Planner, CountsConsolesByThePlaceInTheLayout) {
    std::vector<PartitionText> partitions{
        {"a", 1, {}, 64 * mib}, {"b", 1, {}, 64 * mib}, {"c", 1, {}, 64 * mib}};
    partitions[1].console = false;
    auto plan = compile_text(machine_, partitions).plan;
    EXPECT_EQ(plan.partitions[0].console, 1u);
    EXPECT_EQ(plan.partitions[1].console, 0u);
    EXPECT_EQ(plan.partitions[2].console, 3u);
}

/// EPT tables of a partition that has only memory.
u64 ept_tables(std::span<const abi::MemoryBlock> blocks, bool gib_pages) {
    abi::PartitionRecord record{};
    record.memory_count = static_cast<u32>(blocks.size());
    abi::ManifestView m;
    m.partitions = std::span(&record, 1);
    m.memory = blocks;
    return abi::detail::partition_pages(m, 0, gib_pages);
}

TEST_F(Planner, ComputesWhatTheFirmwareWillUse) {
    auto plan = compile_text(machine_, {{"a", 2, {}, 64 * mib}, {"b", 1, {}, 64 * mib}}).plan;
    std::vector<abi::MemoryBlock> block{{0, 0, 0, 0, 64 * mib}};
    u64 tables = 2 * ept_tables(block, true);
    EXPECT_EQ(plan.budget.firmware_used,
              abi::firmware_footprint(TestShare::firmware_image, 2, 3, tables));
}

TEST_F(Planner, RefusesAConsoleWithoutAChannel) {
    machine_.apic_ids.clear();
    std::vector<PartitionText> partitions;
    for (u32 i = 0; i < 225; ++i) {
        machine_.apic_ids.push_back(i);
        partitions.push_back({"p" + std::to_string(i), 1, {}, 32 * mib});
    }
    machine_.ram = {{mib, 16 * gib}};
    Diagnostics findings = compile(write_layout(share_.path(), machine_, partitions)).diagnostics;
    auto channel = [](const Diagnostic& finding) { return finding.rule == "console-channel"; };
    EXPECT_EQ(std::count_if(findings.list().begin(), findings.list().end(), channel), 2);
}

TEST_F(Planner, WritesTheManifestThatItPlanned) {
    std::vector<PartitionText> partitions{{"zulu", 1, {}, 64 * mib},
                                          {"alpha", 0, {3, 0}, 32 * mib}};
    partitions[0].command_line = "console=ttyS0 quiet";
    auto compiled = compile_text(machine_, partitions);
    ASSERT_TRUE(abi::verify(compiled.manifest).ok());
    auto view = abi::open_manifest(compiled.manifest);
    ASSERT_TRUE(view);
    ASSERT_EQ(view->partitions.size(), 2u);
    const abi::PartitionRecord& zulu = view->partitions[0];
    EXPECT_STREQ(zulu.name, "zulu");
    auto cmdline = view->bytes_of(zulu.cmdline);
    EXPECT_EQ(std::string(cmdline.begin(), cmdline.end()), "console=ttyS0 quiet");
    auto acpi = view->bytes_of(zulu.acpi);
    EXPECT_TRUE(std::ranges::equal(acpi, compiled.plan.partitions[0].acpi));
    EXPECT_EQ(std::string(acpi.begin(), acpi.begin() + 8), "RSD PTR ");
    EXPECT_EQ((std::vector<u32>(view->partitions_by_name.begin(), view->partitions_by_name.end())),
              (std::vector<u32>{1, 0}));
    auto processors = view->processors_of(view->partitions[1]);
    ASSERT_EQ(processors.size(), 2u);
    EXPECT_EQ(view->cpus[processors[0].cpu].apic_id, 3u);
    EXPECT_EQ(view->cpus[processors[1].cpu].apic_id, 0u);
    EXPECT_EQ(view->cpus[processors[1].cpu].virtual_id, 1u);
    EXPECT_EQ(view->cpus[2].partition, abi::unassigned);
    EXPECT_EQ(view->firmware_memory, compiled.plan.budget.firmware_used);
    EXPECT_EQ(view->staging.base, machine_.staging.base);
    EXPECT_EQ(view->images[zulu.kernel].size, std::filesystem::file_size(share_.guest("vmlinuz")));
}

TEST(FreeMemory, TakesPiecesLargestFirst) {
    FreeMemory free({{2 * mib, 8 * mib}, {16 * mib, 32 * mib}, {64 * mib, 4 * mib}}, {});
    auto pieces = free.take_pieces(36 * mib, large_page_size, NodeMemory::anywhere);
    ASSERT_EQ(pieces.size(), 2u);
    EXPECT_EQ(pieces[0].base, 16 * mib);
    EXPECT_EQ(pieces[0].size, 32 * mib);
    EXPECT_EQ(pieces[1].base, 64 * mib); // the range that is used up by the rest
    EXPECT_EQ(free.size(), 8 * mib);
}

TEST(FreeMemory, HoldsWholeLargePagesOnly) {
    FreeMemory free({{mib, 4 * mib}, {9 * mib, mib}}, {{4 * mib, page_size}});
    ASSERT_EQ(free.ranges().size(), 1u);
    EXPECT_EQ(free.ranges()[0].base, 2 * mib);
    EXPECT_EQ(free.size(), 2 * mib);
    EXPECT_FALSE(free.take_one(4 * mib, large_page_size, NodeMemory::anywhere));
    EXPECT_EQ(free.take_one(2 * mib, large_page_size, NodeMemory::anywhere), 2 * mib);
    EXPECT_EQ(free.size(), 0u);
}

} // namespace
} // namespace cloison::test
