// SPDX-License-Identifier: Apache-2.0
// How much memory the firmware uses for a manifest, to the byte. The planner computes it, the
// firmware counts what it really used, and both print the number.
#pragma once

#include "firmware/abi/server_map.hpp"

namespace cloison::abi {

// Pages of each object of the firmware; firmware/vtx asserts that the objects are of this size.
inline constexpr u64 guest_pages = 2;     // vtx::Guest: devices, console, APIC-access page
inline constexpr u64 vcpu_pages = 3;      // vtx::Vcpu, VMCS, virtual-APIC page
inline constexpr u64 processor_pages = 4; // vtx::Processor: descriptors, VMXON region, stack
inline constexpr u64 server_pages = 2;    // vtx::Server: the functions of its bus
inline constexpr u64 io_bitmap_pages = 2; // of each server
/// Bytes of core::VirtioFunction, several of which share pages.
inline constexpr u64 virtio_function_room = 2048;

/// Pages of a client's functions.
constexpr u64 virtio_function_pages(u64 count) {
    return round_up(count * virtio_function_room, page_size) / page_size;
}

/// True when `guest` is mapped by a 1 GiB page of the EPT, `size` bytes of the block being left.
/// The lowest GiB stays in 2 MiB pages, since a part of its first 2 MiB is a hole.
constexpr bool ept_takes_gib_page(u64 guest, u64 host, u64 size, bool gib_pages) {
    return gib_pages && guest != 0 && ((guest | host) & (gib - 1)) == 0 && size >= gib;
}

/// Counts the 4 KiB tables of an EPT to which ranges are added by ascending guest address.
class EptCounter {
  public:
    constexpr explicit EptCounter(bool gib_pages) : gib_pages_(gib_pages) {}

    /// A range in pages of 2 MiB and 1 GiB.
    constexpr void add_large(u64 guest, u64 host, u64 size) {
        for (u64 done = 0; done < size;) {
            enter(guest + done, 512 * gib, last_512gib_);
            if (ept_takes_gib_page(guest + done, host + done, size - done, gib_pages_)) {
                done += gib;
                continue;
            }
            enter(guest + done, gib, last_gib_);
            done = round_down(guest + done, gib) + gib - guest;
        }
    }
    /// A range in pages of 4 KiB; none of its 2 MiB is mapped otherwise.
    constexpr void add_pages(u64 guest, u64 size) {
        for (u64 at = guest; at < guest + size;
             at = round_down(at, large_page_size) + large_page_size) {
            enter(at, 512 * gib, last_512gib_);
            enter(at, gib, last_gib_);
            enter(at, large_page_size, last_2mib_);
        }
    }
    [[nodiscard]] constexpr u64 tables() const { return tables_; }

  private:
    static constexpr u64 none = ~u64{0};

    constexpr void enter(u64 guest, u64 reach, u64& last) {
        if (guest / reach == last)
            return;
        last = guest / reach;
        ++tables_;
    }

    bool gib_pages_;
    u64 last_512gib_ = none, last_gib_ = none, last_2mib_ = none;
    u64 tables_ = 1; // the root
};

namespace detail {

/// What a server needs beside what every partition does.
struct ServerCost : ServerVisitor {
    const ManifestView& m;
    EptCounter& ept;
    bool high; // count what lies in the server window, or what lies below

    constexpr ServerCost(const ManifestView& manifest, EptCounter& counter, bool count_high)
        : m(manifest),
          ept(counter),
          high(count_high) {}
    constexpr void mmio(const ResourceRecord& r, u64 guest) {
        if (!high)
            ept.add_pages(guest, r.size);
    }
    constexpr void management(u32, const Extent& manifest) {
        if (!high)
            ept.add_pages(manifest.base, round_up(m.bytes.size(), page_size));
    }
    constexpr void adapter(const AdapterPlace& a) {
        if (!high)
            ept.add_pages(a.record.base, io_adapter_pages(functions_of(m, a.client)) * page_size);
        else
            for (const MemoryBlock& block : m.memory_of(m.partitions[a.client]))
                ept.add_large(a.memory.base + block.guest, block.host, block.size);
    }
};

/// Pages of one partition: its EPT, what it is served with, what it serves with.
constexpr u64 partition_pages(const ManifestView& m, u32 p, bool gib_pages) {
    std::span<const MemoryBlock> blocks = m.memory_of(m.partitions[p]);
    EptCounter ept(gib_pages);
    bool server = is_server(m.partitions[p].role);
    auto add_memory = [&](u64 from, u64 to) {
        for (const MemoryBlock& block : blocks)
            if (block.guest >= from && block.guest < to)
                ept.add_large(block.guest, block.host, block.size);
    };
    u64 pages = 1; // the table that splits the first 2 MiB, for the VGA hole
    add_memory(0, guest_map::local_apic);
    if (server) {
        visit_server(m, p, ServerCost(m, ept, false));
        pages += server_pages + io_bitmap_pages;
    }
    ept.add_pages(guest_map::local_apic, page_size);
    add_memory(guest_map::local_apic, ~u64{0});
    if (server)
        visit_server(m, p, ServerCost(m, ept, true));
    auto functions = functions_of(m, p);
    if (!functions.empty())
        pages += io_adapter_pages(functions) + virtio_function_pages(functions.size());
    return pages + ept.tables();
}

} // namespace detail

/// Bytes of physical memory that the firmware uses: its image, `image_bytes` from the firmware's
/// base to the end of its zeroed data, and what it allots; `pages` are those that differ from
/// partition to partition.
constexpr u64 firmware_footprint(u64 image_bytes, u64 partitions, u64 processors, u64 pages) {
    return image_bytes +
           (partitions * guest_pages + processors * (vcpu_pages + processor_pages) + pages) *
               page_size;
}

/// The same for a manifest. Of one that verify() would refuse, any number.
constexpr u64 firmware_footprint(const ManifestView& m, u64 image_bytes) {
    bool gib_pages = (m.machine_flags & static_cast<u32>(MachineFlag::large_pages_1g)) != 0;
    u64 pages = 0;
    for (u32 p = 0; p < m.partitions.size(); ++p)
        pages += detail::partition_pages(m, p, gib_pages);
    return firmware_footprint(image_bytes, m.partitions.size(), m.processors.size(), pages);
}

} // namespace cloison::abi
