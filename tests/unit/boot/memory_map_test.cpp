// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/memory_map.hpp"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace cloison::abi {
namespace {

MemoryBlock block(u64 guest, u64 size) {
    return {.partition = 0, .reserved = 0, .guest = guest, .host = 1 * gib + guest, .size = size};
}

using Row = std::tuple<u64, u64, u32>;

std::vector<Row> rows(const std::vector<MemoryBlock>& blocks, bool identity = false) {
    std::vector<Row> all;
    auto map = partition_memory_map(blocks, identity);
    if (map) {
        for (const MemoryMapEntry& e : map->entries())
            all.emplace_back(e.extent.base, e.extent.end(), e.type);
    }
    return all;
}

/// A partition of `size` bytes as the planner makes it: low memory first, the rest above 4 GiB.
std::vector<MemoryBlock> blocks_of(u64 size) {
    if (size <= guest_map::low_ram_limit)
        return {block(0, size)};
    return {block(0, guest_map::low_ram_limit),
            block(guest_map::high_ram_base, size - guest_map::low_ram_limit)};
}

u64 ram_of(u64 size) {
    u64 ram = 0;
    for (auto [base, end, type] : rows(blocks_of(size)))
        ram += type == E820_RAM ? end - base : 0;
    return ram;
}

TEST(PartitionMemoryMap, OfSeveralSizes) {
    const Row low{0, 0xA0000, E820_RAM};
    const Row bios{0xC0000, 0x100000, E820_RESERVED};
    EXPECT_EQ(rows(blocks_of(64 * mib)),
              (std::vector<Row>{low, bios, {1 * mib, 64 * mib, E820_RAM}}));
    EXPECT_EQ(rows(blocks_of(3 * gib)),
              (std::vector<Row>{low, bios, {1 * mib, 3 * gib, E820_RAM}}));
    EXPECT_EQ(
        rows(blocks_of(5 * gib)),
        (std::vector<Row>{low, bios, {1 * mib, 3 * gib, E820_RAM}, {4 * gib, 6 * gib, E820_RAM}}));
}

TEST(PartitionMemoryMap, GuestSeesItsSizeLessTheLegacyHole) {
    for (u64 size : {2 * mib, 64 * mib, 3 * gib, 3 * gib + 2 * mib, 5 * gib})
        EXPECT_EQ(ram_of(size), size - guest_map::legacy_hole) << size;
}

TEST(PartitionMemoryMap, FirstPageIsKeptFromDevicesOfAnIdentityMap) {
    const Row low{0, 0xA0000, E820_RAM};
    const Row bios{0xC0000, 0x100000, E820_RESERVED};
    const Row kept{1 * mib, 2 * mib, E820_RESERVED};
    EXPECT_EQ(rows(blocks_of(64 * mib), true),
              (std::vector<Row>{low, bios, kept, {2 * mib, 64 * mib, E820_RAM}}));
    EXPECT_EQ(rows({block(0, 2 * mib), block(512 * mib, 64 * mib)}, true),
              (std::vector<Row>{low, bios, kept, {512 * mib, 576 * mib, E820_RAM}}))
        << "nothing is left of the first piece";
}

TEST(PartitionMemoryMap, BlocksThatTouchAreOnePiece) {
    std::vector<MemoryBlock> blocks{block(0, 2 * mib), block(2 * mib, 62 * mib),
                                    block(64 * mib, 64 * mib)};
    EXPECT_EQ(rows(blocks), rows(blocks_of(128 * mib)));
}

TEST(PartitionMemoryMap, PiecesAreLimited) {
    std::vector<MemoryBlock> blocks;
    for (u64 i = 0; i < max_memory_pieces; ++i)
        blocks.push_back(block(i * 4 * mib, 2 * mib));
    EXPECT_EQ(rows(blocks).size(), max_memory_pieces + 2);
    blocks.push_back(block(max_memory_pieces * 4 * mib, 2 * mib));
    EXPECT_FALSE(partition_memory_map(blocks, false));
    blocks.pop_back();
    blocks[1].guest = blocks[0].guest + blocks[0].size; // then the first has all four entries
    EXPECT_EQ(rows(blocks, true).size(), max_memory_pieces + 2);
}

} // namespace
} // namespace cloison::abi
