// SPDX-License-Identifier: Apache-2.0
// The rules about devices of the machine that partitions own: each has one owner, as have its
// registers, ports and interrupt; none is the firmware's; and its DMA is confined, or trusted.
#pragma once

#include "firmware/abi/manifest_view.hpp"
#include "firmware/abi/rules.hpp"
#include "firmware/abi/verify_memory.hpp"

namespace cloison::abi {

/// Physical addresses that no partition may own, RAM apart: conventional memory, where CPUs start
/// up; the I/O APICs, where chipsets put them, through which the firmware receives; and where
/// writes are interrupt messages (SDM vol. 3A, 11.11.1), with the local APICs.
inline constexpr std::array<Extent, 3> firmware_mmio{
    {{0, guest_map::vga_hole}, {guest_map::ioapic, 1 * mib}, {guest_map::local_apic, 1 * mib}}};

/// I/O ports that no partition may own. Below 100H is the system board: DMA controllers, PICs, the
/// PIT that measures the TSC, the keyboard controller and port 92H, which reset CPUs, the clock
/// with the mask of NMI, which the firmware sends, and the port that raises SMIs. Then COM1, ELCR,
/// and PCI configuration with reset control. Where the ACPI power and PM timer registers are
/// differs from machine to machine; they are for the firmware to see, not verified here.
inline constexpr std::array<Extent, 4> firmware_ports{
    {{0, 0x100}, {guest_map::com1, 8}, {guest_map::elcr, 2}, {guest_map::pci_address, 8}}};

/// Global system interrupts that no partition may own. A partition has the machine's interrupt at
/// the same pin of its own I/O APIC, so none that the virtual PC's devices have there: the PIT at
/// pin 2 (and 0, where a machine does not override it), COM1, the RTC and the SCI. COM1's is the
/// firmware's on the machine too.
inline constexpr std::array<Extent, 5> firmware_interrupts{{{0, 1},
                                                            {guest_map::gsi_pit, 1},
                                                            {guest_map::gsi_com1, 1},
                                                            {guest_map::gsi_rtc, 1},
                                                            {guest_map::gsi_sci, 1}}};

namespace detail {

/// What the resources of one kind can be.
struct ResourceForm {
    Rule rule;   // that they break otherwise
    u64 end;     // they lie below
    u64 granule; // base and size are multiples of it
    u64 max_size;
    bool beside_ram; // they share addresses with RAM
    std::span<const Extent> firmware;

    [[nodiscard]] constexpr bool holds(const Extent& e) const {
        return !e.empty() && (e.base | e.size) % granule == 0 && e.size <= max_size &&
               Extent{0, end}.contains(e);
    }
    [[nodiscard]] constexpr bool is_firmwares(const Extent& e) const {
        auto overlaps = [&](const Extent& own) { return own.overlaps(e); };
        return std::any_of(firmware.begin(), firmware.end(), overlaps);
    }
};

inline constexpr u64 ports_end = 0x10000;
inline constexpr u64 interrupts_end = guest_map::ioapic_pins;

/// By ResourceKind, from 1. A partition finds its device's registers at the machine's own
/// addresses, so they are ones that it can be given.
inline constexpr std::array<ResourceForm, 3> resource_forms{{
    {Rule::mmio_range, guest_address_end, page_size, guest_address_end, true, firmware_mmio},
    {Rule::port_range, ports_end, 1, ports_end, false, firmware_ports},
    {Rule::interrupt_range, interrupts_end, 1, 1, false, firmware_interrupts},
}};

} // namespace detail

/// The rule that a resource of this kind breaks where it is not to be had. `kind` is a
/// ResourceKind's.
constexpr Rule resource_rule(u32 kind) {
    return detail::resource_forms[kind - static_cast<u32>(ResourceKind::mmio)].rule;
}

namespace detail {

/// Answers whether extents have something in common with RAM; they must come by ascending base.
class RamSweep {
  public:
    constexpr explicit RamSweep(std::span<const RamRange> ram) : ram_(ram) {}

    constexpr bool overlaps(const Extent& e) {
        auto passed = [&] { return ram_.front().base < e.base && !ram_.front().overlaps(e); };
        while (!ram_.empty() && passed())
            ram_ = ram_.subspan(1);
        return !ram_.empty() && ram_.front().overlaps(e);
    }

  private:
    std::span<const RamRange> ram_; // what is left of it
};

/// Whether the interrupt is the partition's. Of resources that are in order, one can be.
constexpr bool owns_interrupt(const ManifestView& m, u32 partition, u32 interrupt) {
    constexpr u32 kind = static_cast<u32>(ResourceKind::interrupt);
    auto before = [](const ResourceRecord& r, u32 number) {
        return r.kind < kind || (r.kind == kind && r.base < number);
    };
    auto found = std::lower_bound(m.resources.begin(), m.resources.end(), interrupt, before);
    return found != m.resources.end() && found->kind == kind && found->base == interrupt &&
           found->partition == partition;
}

/// Addresses ascend, so each device has one owner. Without an IOMMU, a device with DMA has the
/// control partition, which is trusted with all memory, and reaches what that means by its
/// addresses.
constexpr Verdict check_devices(const ManifestView& m) {
    constexpr u32 dma = static_cast<u32>(DeviceFlag::dma);
    constexpr u32 reach_4g = static_cast<u32>(DeviceFlag::reach_4g);
    bool confined = (m.machine_flags & static_cast<u32>(MachineFlag::iommu)) != 0;
    for (u32 i = 0; i < m.devices.size(); ++i) {
        const DeviceRecord& device = m.devices[i];
        if (device.partition >= m.partitions.size() || (device.flags & ~(dma | reach_4g)) != 0 ||
            device.flags == reach_4g)
            return {Rule::manifest_format, i};
        if (i > 0 && device.address == m.devices[i - 1].address)
            return {Rule::device_double_use, i - 1, i};
        if (i > 0 && device.address < m.devices[i - 1].address)
            return {Rule::manifest_format, i};
        bool trusted = m.partitions[device.partition].role == static_cast<u32>(Role::control);
        if ((device.flags & dma) != 0 && !confined && !trusted)
            return {Rule::dma_without_iommu, i};
        if ((device.flags & dma) != 0 && !confined && !is_identity(m.partitions[device.partition]))
            return {Rule::memory_identity, device.partition};
    }
    return {};
}

/// Each device's interrupt is among what comes with it. The resources are in order.
constexpr Verdict check_device_interrupts(const ManifestView& m) {
    for (u32 i = 0; i < m.devices.size(); ++i) {
        const DeviceRecord& device = m.devices[i];
        if (device.interrupt != no_interrupt &&
            !owns_interrupt(m, device.partition, device.interrupt))
            return {Rule::manifest_format, i};
    }
    return {};
}

/// devices_by_group brings the devices of a group together: each has the owner of the one before
/// it. Strictly ascending pairs prove that each device is listed once.
constexpr Verdict check_groups(const ManifestView& m) {
    for (u32 i = 0; i < m.devices_by_group.size(); ++i) {
        u32 self = m.devices_by_group[i];
        if (self >= m.devices.size())
            return {Rule::manifest_format, self};
        if (i == 0)
            continue;
        u32 previous = m.devices_by_group[i - 1];
        const DeviceRecord& a = m.devices[previous];
        const DeviceRecord& b = m.devices[self];
        if (b.iommu_group < a.iommu_group || (b.iommu_group == a.iommu_group && self <= previous))
            return {Rule::manifest_format, self};
        if (b.iommu_group == a.iommu_group && b.iommu_group != no_group &&
            b.partition != a.partition)
            return {Rule::iommu_group_split, previous, self};
    }
    return {};
}

/// Resources ascend, apart from each other, from the firmware's and from RAM.
constexpr Verdict check_resources(const ManifestView& m) {
    RamSweep ram(m.ram);
    for (u32 i = 0; i < m.resources.size(); ++i) {
        const ResourceRecord& self = m.resources[i];
        u32 kind = self.kind - static_cast<u32>(ResourceKind::mmio);
        if (kind >= resource_forms.size() || self.partition >= m.partitions.size())
            return {Rule::manifest_format, i};
        const ResourceForm& form = resource_forms[kind];
        Extent extent{self.base, self.size};
        if (!form.holds(extent))
            return {form.rule, i};
        if (i > 0) {
            const ResourceRecord& previous = m.resources[i - 1];
            bool same_kind = self.kind == previous.kind;
            if (same_kind && extent.overlaps({previous.base, previous.size}))
                return {form.rule, i - 1, i};
            if (self.kind < previous.kind || (same_kind && self.base < previous.base))
                return {Rule::manifest_format, i};
        }
        if (form.is_firmwares(extent))
            return {form.rule, i, party_firmware};
        if (form.beside_ram && ram.overlaps(extent))
            return {form.rule, i};
    }
    return {};
}

} // namespace detail

} // namespace cloison::abi
