// SPDX-License-Identifier: Apache-2.0
// The rules about memory: every block lies in RAM, at guest addresses meant for RAM, and no byte of
// the machine is given twice. memory_by_host lists the blocks by ascending host address, so a
// block can only clash with the one before it.
#pragma once

#include "firmware/abi/guest_map.hpp"
#include "firmware/abi/manifest_view.hpp"
#include "firmware/abi/memory_map.hpp"
#include "firmware/abi/rules.hpp"

namespace cloison::abi::detail {

/// Guest addresses that an extended page table of four levels can map (SDM vol. 3C, 29.3.2).
inline constexpr u64 guest_address_end = u64{1} << 48;

constexpr Extent host_extent(const MemoryBlock& block) {
    return {block.host, block.size};
}

/// Whole 2 MiB pages that do not wrap, neither for the guest nor on the machine.
constexpr bool block_aligned(const MemoryBlock& b) {
    return b.size != 0 && (b.guest | b.host | b.size) % large_page_size == 0 &&
           Extent{b.guest, b.size}.sane() && host_extent(b).sane();
}

constexpr bool guest_addresses_are_ram(const MemoryBlock& block) {
    constexpr Extent low{0, guest_map::low_ram_limit};
    constexpr Extent high{guest_map::high_ram_base, guest_address_end - guest_map::high_ram_base};
    Extent guest{block.guest, block.size};
    return low.contains(guest) || high.contains(guest);
}

/// Each partition has memory at guest address 0; its blocks ascend, apart from each other and from
/// the devices.
constexpr Verdict check_guest_memory(const ManifestView& m) {
    for (u32 p = 0; p < m.partitions.size(); ++p) {
        auto blocks = m.memory_of(m.partitions[p]);
        if (blocks.empty() || blocks[0].guest != 0)
            return {Rule::memory_none, p};
        u32 first = m.partitions[p].first_memory;
        for (u32 i = 0; i < blocks.size(); ++i) {
            const MemoryBlock& block = blocks[i];
            if (block.partition != p || block.reserved != 0)
                return {Rule::manifest_format, first + i};
            if (!block_aligned(block))
                return {Rule::memory_alignment, first + i};
            if (!guest_addresses_are_ram(block))
                return {Rule::memory_guest_hole, first + i};
            if (i == 0)
                continue;
            const MemoryBlock& previous = blocks[i - 1];
            if (Extent{block.guest, block.size}.overlaps({previous.guest, previous.size}))
                return {Rule::memory_guest_overlap, first + i - 1, first + i};
            if (block.guest < previous.guest)
                return {Rule::manifest_format, first + i};
        }
        if (!partition_memory_map(blocks, is_identity(m.partitions[p])))
            return {Rule::memory_pieces, p};
    }
    return {};
}

/// Blocks that devices find where the guest says: all but the first 2 MiB, where the machine has
/// its own.
constexpr bool identity_mapped(std::span<const MemoryBlock> blocks) {
    auto same = [](const MemoryBlock& block) { return block.guest == block.host; };
    return blocks[0].size == large_page_size && std::all_of(blocks.begin() + 1, blocks.end(), same);
}

/// Partitions are mapped to the machine's own addresses where they are said to be. The partitions'
/// memory is sound.
constexpr Verdict check_identity(const ManifestView& m) {
    for (u32 p = 0; p < m.partitions.size(); ++p)
        if (is_identity(m.partitions[p]) && !identity_mapped(m.memory_of(m.partitions[p])))
            return {Rule::memory_identity, p};
    return {};
}

/// RAM ranges ascend, apart from each other.
constexpr Verdict check_ram(const ManifestView& m) {
    for (u32 i = 0; i < m.ram.size(); ++i) {
        const RamRange& range = m.ram[i];
        bool apart = i == 0 || (m.ram[i - 1].base < range.base && !range.overlaps(m.ram[i - 1]));
        if (range.empty() || !range.sane() || !apart)
            return {Rule::manifest_format, i};
    }
    return {};
}

/// Answers whether extents lie in RAM; those asked for must come by ascending base.
class RamCursor {
  public:
    constexpr explicit RamCursor(std::span<const RamRange> ram) : ram_(ram) {}

    constexpr bool contains(const Extent& wanted) {
        while (!run_.contains(wanted.base) && next_ < ram_.size()) {
            run_ = ram_[next_++];
            while (next_ < ram_.size() && ram_[next_].base == run_.end()) // ranges that touch
                run_.size += ram_[next_++].size;
        }
        return run_.contains(wanted);
    }

  private:
    std::span<const RamRange> ram_;
    usize next_ = 0;
    Extent run_; // the RAM around the last extent asked for
};

/// The firmware's own places: in RAM, apart from each other.
constexpr Verdict check_firmware_memory(const ManifestView& m) {
    auto in_ram = [&](const Extent& e) { return e.sane() && RamCursor(m.ram).contains(e); };
    if (m.firmware.empty() || !in_ram(m.firmware))
        return {Rule::memory_outside_ram, party_firmware};
    if (!m.staging.empty() && !in_ram(m.staging))
        return {Rule::memory_outside_ram, party_staging};
    if (m.firmware.overlaps(m.staging))
        return {Rule::memory_overlap, party_firmware, party_staging};
    if (m.firmware_memory > m.firmware.size)
        return {Rule::firmware_memory, party_firmware};
    return {};
}

/// The machine's side of the blocks: in RAM, disjoint, none of them the firmware's. Strictly
/// ascending addresses also prove that memory_by_host names each block once.
constexpr Verdict check_host_memory(const ManifestView& m) {
    RamCursor ram(m.ram);
    for (u32 i = 0; i < m.memory_by_host.size(); ++i) {
        u32 self = m.memory_by_host[i];
        u32 previous = i > 0 ? m.memory_by_host[i - 1] : self;
        if (self >= m.memory.size() || (i > 0 && self == previous))
            return {Rule::manifest_format, self};
        Extent host = host_extent(m.memory[self]);
        if (i > 0 && host.overlaps(host_extent(m.memory[previous])))
            return {Rule::memory_overlap, previous, self};
        if (i > 0 && host.base < m.memory[previous].host)
            return {Rule::manifest_format, self};
        // The BIOS's and the CPUs' first pages are there; and a host address of 0 means "nothing".
        if (host.base == 0 || !ram.contains(host))
            return {Rule::memory_outside_ram, self};
        if (host.overlaps(m.firmware))
            return {Rule::memory_overlap, self, party_firmware};
        if (host.overlaps(m.staging))
            return {Rule::memory_overlap, self, party_staging};
    }
    return {};
}

} // namespace cloison::abi::detail
