// SPDX-License-Identifier: Apache-2.0
// How much memory the firmware uses for a layout, to the byte. The planner computes it, the
// firmware counts what it really used, and both print the number.
#pragma once

#include "firmware/abi/guest_map.hpp"
#include "firmware/abi/manifest.hpp"

#include <span>

namespace cloison::abi {

// Pages of each object of the firmware; firmware/vtx asserts that the objects are of this size.
inline constexpr u64 guest_pages = 2;     // vtx::Guest: devices, console, APIC-access page
inline constexpr u64 vcpu_pages = 3;      // vtx::Vcpu, VMCS, virtual-APIC page
inline constexpr u64 processor_pages = 4; // vtx::Processor: descriptors, VMXON region, stack

/// True when `guest` is mapped by a 1 GiB page of the EPT, `size` bytes of the block being left.
/// The lowest GiB stays in 2 MiB pages, since a part of its first 2 MiB is a hole.
constexpr bool ept_takes_gib_page(u64 guest, u64 host, u64 size, bool gib_pages) {
    return gib_pages && guest != 0 && ((guest | host) & (gib - 1)) == 0 && size >= gib;
}

/// Number of 4 KiB tables in a partition's EPT. `blocks`: its memory, by ascending guest address.
constexpr u64 ept_tables(std::span<const MemoryBlock> blocks, bool gib_pages) {
    constexpr u64 none = ~u64{0};
    u64 last_gib = none;    // the last GiB that got a page directory
    u64 last_512gib = none; // the last 512 GiB that got a page-directory-pointer table
    u64 tables = 1;         // the root
    for (const MemoryBlock& block : blocks) {
        for (u64 done = 0; done < block.size;) {
            u64 guest = block.guest + done;
            if (guest / (512 * gib) != last_512gib) {
                last_512gib = guest / (512 * gib);
                ++tables;
            }
            if (ept_takes_gib_page(guest, block.host + done, block.size - done, gib_pages)) {
                done += gib;
                continue;
            }
            if (guest / gib != last_gib) {
                last_gib = guest / gib;
                ++tables;
            }
            done = (guest / gib + 1) * gib - block.guest;
        }
    }
    constexpr u64 first_2mib = 1; // split for the VGA hole
    constexpr u64 apic_page =
        2; // directory and table for guest_map::local_apic, in a GiB without RAM
    static_assert(guest_map::local_apic >= guest_map::low_ram_limit);
    return tables + first_2mib + apic_page;
}

/// Bytes of physical memory that the firmware uses: its image, `image_bytes` from the firmware's
/// base to the end of its zeroed data, and what it allots for a layout. `tables`: sum of
/// ept_tables().
constexpr u64 firmware_footprint(u64 image_bytes, u64 partitions, u64 processors, u64 tables) {
    return image_bytes +
           (partitions * guest_pages + processors * (vcpu_pages + processor_pages) + tables) *
               page_size;
}

} // namespace cloison::abi
