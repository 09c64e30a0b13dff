// SPDX-License-Identifier: Apache-2.0
// What RAM a machine has, in the terms of E820; and what a partition sees of its own.
#pragma once

#include "firmware/abi/guest_map.hpp"
#include "firmware/abi/manifest.hpp"

#include <array>
#include <asm/e820.h>
#include <optional>
#include <span>

namespace cloison::abi {

/// One range and what it is: E820_RAM, E820_RESERVED ... of asm/e820.h.
struct MemoryMapEntry {
    Extent extent;
    u32 type = 0;
};

/// How many guest-contiguous pieces a partition's memory may have. One below and one above the
/// devices is the rule; more are only made by pinning.
inline constexpr u32 max_memory_pieces = 16;

/// A partition's memory map. Small, since it is made on the firmware's stack.
class PartitionMemoryMap {
  public:
    [[nodiscard]] constexpr std::span<const MemoryMapEntry> entries() const {
        return std::span(entries_).first(count_);
    }
    constexpr void append(const MemoryMapEntry& entry) { entries_[count_++] = entry; }

  private:
    // The first piece makes four entries: below the VGA window, the BIOS area, what devices must
    // not be told of, the rest.
    std::array<MemoryMapEntry, max_memory_pieces + 3> entries_{};
    u32 count_ = 0;
};

/// The memory map of the partition that has `blocks`: aligned as the manifest demands, ascending,
/// disjoint, the first at guest address 0. Blocks that touch are one piece. nullopt when there are
/// more than max_memory_pieces.
///
/// `identity`: PartitionFlag::identity. The first 2 MiB are elsewhere on the machine, so nothing
/// there must become a DMA buffer: from 1 MiB up they are reserved. Below, the guest is trusted to
/// use nothing: Linux keeps the first MiB to itself from version 5.13 on.
constexpr std::optional<PartitionMemoryMap>
partition_memory_map(std::span<const MemoryBlock> blocks, bool identity) {
    PartitionMemoryMap map;
    u32 pieces = 0;
    for (usize i = 0; i < blocks.size();) {
        Extent piece{blocks[i].guest, blocks[i].size};
        while (++i < blocks.size() && blocks[i].guest == piece.end())
            piece.size += blocks[i].size;
        if (++pieces > max_memory_pieces)
            return std::nullopt;
        if (piece.base != 0) {
            map.append({piece, E820_RAM});
            continue;
        }
        constexpr Extent bios{guest_map::vga_hole_end,
                              guest_map::high_memory - guest_map::vga_hole_end};
        map.append({{0, guest_map::vga_hole}, E820_RAM});
        map.append({bios, E820_RESERVED});
        u64 usable = guest_map::high_memory;
        if (identity) {
            map.append({{usable, large_page_size - usable}, E820_RESERVED});
            usable = large_page_size;
        }
        if (piece.size != usable)
            map.append({{usable, piece.size - usable}, E820_RAM});
    }
    return map;
}

} // namespace cloison::abi
