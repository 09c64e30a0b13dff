// SPDX-License-Identifier: Apache-2.0
// Where a server (a control or io-server partition) finds what it has beside memory: the slots of
// its PCI bus and the places of their BARs. One arithmetic for the planner, which sizes the EPT and
// writes interrupt routes into the ACPI tables; for the verifier; and for the firmware, which
// builds it.
//
// Bus 0, each as function 0 of its slot: the machine's functions that the partition owns, by
// ascending address; the management function; an I/O adapter for each client. A partition that is
// itself served has its virtio functions behind them.
#pragma once

#include "firmware/abi/io_adapter.hpp"
#include "firmware/abi/manifest_view.hpp"

#include <bit>
#include <optional>

namespace cloison::abi {

/// Devices of bus 0, the host bridge included.
inline constexpr u32 bus_slots = 32;

/// Whether partitions of this role serve others and can own devices.
constexpr bool is_server(u32 role) {
    return role == static_cast<u32>(Role::control) || role == static_cast<u32>(Role::io_server);
}

/// The adapter through which one client is served.
struct AdapterPlace {
    u32 client; // index into partitions
    u32 slot;
    u32 pin; // of the server's I/O APIC
    Extent doorbell;
    Extent record; // as large as its BAR
    Extent memory; // the client's guest-physical addresses, from 0
};

/// Where servers' 32-bit BARs are: behind the places of virtio functions (core/devices/virtio).
inline constexpr u64 virtio_bars = 1 * mib;
inline constexpr Extent server_bars{guest_map::pci_window.base + virtio_bars,
                                    guest_map::pci_window.size - virtio_bars};

/// Hands out parts of a window for BARs, in ascending order.
class BarWindow {
  public:
    constexpr explicit BarWindow(const Extent& window) : window_(window), next_(window.base) {}

    /// `size` bytes, a multiple of the page size, at an address that is `residue` modulo
    /// `alignment`, a power of two. nullopt: the window is full.
    constexpr std::optional<Extent> take(u64 size, u64 alignment, u64 residue = 0) {
        u64 base = round_down(next_, alignment) + residue % alignment;
        if (base < next_)
            base += alignment;
        if (base < next_ || !window_.contains(Extent{base, size}))
            return std::nullopt;
        next_ = base + size;
        return Extent{base, size};
    }
    /// A BAR for `bytes`, at least a page.
    constexpr std::optional<Extent> take_bar(u64 bytes) {
        if (bytes > window_.size)
            return std::nullopt;
        u64 size = std::bit_ceil(std::max(bytes, page_size));
        return take(size, size);
    }

  private:
    Extent window_;
    u64 next_;
};

/// Pins of the virtual I/O APIC that the PC's own devices have.
inline constexpr u32 own_pins = 1u << 0 | 1u << guest_map::gsi_pit | 1u << guest_map::gsi_com1 |
                                1u << guest_map::gsi_rtc | 1u << guest_map::gsi_sci;

/// Pins of the machine's interrupts that a partition owns, where they are pins of its I/O APIC.
constexpr u32 owned_pins(const ManifestView& m, u32 partition) {
    u32 pins = 0;
    for (const ResourceRecord& r : m.resources)
        if (r.partition == partition && r.kind == static_cast<u32>(ResourceKind::interrupt) &&
            r.base < guest_map::ioapic_pins)
            pins |= 1u << r.base;
    return pins;
}

/// The pin of the `index`th adapter: the free ones above the ISA bus's in turn, from the highest.
/// They are shared where there are not enough of them.
constexpr u32 adapter_pin(u32 owned, u32 index) {
    constexpr u32 first = 16, last = guest_map::ioapic_pins - 1;
    std::array<u32, last - first + 1> free{};
    u32 count = 0;
    for (u32 pin = last; pin >= first; --pin)
        if ((owned >> pin & 1) == 0)
            free[count++] = pin;
    return count == 0 ? last : free[index % count];
}

/// The functions that a partition is served with: its run.
constexpr std::span<const FunctionRecord> functions_of(const ManifestView& m, u32 partition) {
    auto before = [](const FunctionRecord& f, u32 p) { return f.partition < p; };
    auto behind = [](u32 p, const FunctionRecord& f) { return p < f.partition; };
    auto first = std::lower_bound(m.functions.begin(), m.functions.end(), partition, before);
    auto last = std::upper_bound(first, m.functions.end(), partition, behind);
    return {first, last};
}

/// Pages of the record of a client with these functions; their queues are within bounds.
constexpr u64 io_adapter_pages(std::span<const FunctionRecord> functions) {
    u64 queues = 0;
    for (const FunctionRecord& f : functions)
        queues += f.queues;
    return io_adapter_pages(functions.size(), queues);
}

/// First guest address behind a partition's memory.
constexpr u64 memory_end(std::span<const MemoryBlock> blocks) {
    return blocks.empty() ? 0 : blocks.back().guest + blocks.back().size;
}

/// Whom visit_server() tells; what derives from it has those that concern it.
struct ServerVisitor {
    constexpr void device(u32 /*slot*/, const DeviceRecord& /*device*/) {}
    /// `guest`: where the server sees the registers.
    constexpr void mmio(const ResourceRecord& /*registers*/, u64 /*guest*/) {}
    constexpr void management(u32 /*slot*/, const Extent& /*manifest*/) {}
    constexpr void adapter(const AdapterPlace& /*place*/) {}
};

/// Tells `visitor` all that server `server` has, in order of slots and of addresses in each window.
/// False, in the middle of it, when the slots or a window are used up.
template <typename V>
constexpr bool visit_server(const ManifestView& m, u32 server, V&& visitor) {
    u32 slot = 1, adapters = 0;
    BarWindow small(server_bars), large(guest_map::server_window);
    for (const DeviceRecord& device : m.devices) {
        if (device.partition != server)
            continue;
        if (slot >= bus_slots)
            return false;
        visitor.device(slot++, device);
    }
    for (const ResourceRecord& r : m.resources) {
        if (r.partition != server || r.kind != static_cast<u32>(ResourceKind::mmio))
            continue;
        if (r.size > server_bars.size)
            return false;
        // BARs inside keep their alignment.
        u64 alignment = std::bit_ceil(r.size);
        auto place = small.take(r.size, alignment, r.base);
        if (!place)
            return false;
        visitor.mmio(r, place->base);
    }
    auto manifest = small.take_bar(m.bytes.size());
    if (!manifest || slot >= bus_slots)
        return false;
    visitor.management(slot++, *manifest);
    u32 owned = owned_pins(m, server);
    for (usize i = 0; i < m.functions.size(); ++i) {
        const FunctionRecord& f = m.functions[i];
        if (f.server != server || (i > 0 && m.functions[i - 1].partition == f.partition))
            continue;
        u64 pages = io_adapter_pages(functions_of(m, f.partition));
        u64 end = memory_end(m.memory_of(m.partitions[f.partition]));
        auto doorbell = small.take_bar(page_size), record = small.take_bar(pages * page_size),
             memory = large.take_bar(end);
        if (!doorbell || !record || !memory || slot >= bus_slots)
            return false;
        visitor.adapter(AdapterPlace{f.partition, slot++, adapter_pin(owned, adapters++), *doorbell,
                                     *record, *memory});
    }
    return true;
}

} // namespace cloison::abi
