// SPDX-License-Identifier: Apache-2.0
#include "partitions/acpi/acpi_tables.hpp"

#include "firmware/abi/guest_map.hpp"
#include "partitions/acpi/table_writer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

extern "C" {
extern const cloison::u8 cloison_dsdt[], cloison_dsdt_end[];
extern const cloison::u8 cloison_server_dsdt[], cloison_server_dsdt_end[];
}

namespace cloison {

namespace {

using acpi::Maker;
using acpi::TableWriter;
using Bytes = std::vector<u8>;
namespace map = guest_map;

constexpr u8 century_register = 0x32; // of the CMOS memory, as on every PC
constexpr u16 pm1_event_size = 4, pm1_control_size = 2, pm_timer_size = 4;

/// Fixed ACPI description table (ACPI 6.3, 5.2.9).
namespace fadt {

constexpr u8 revision = 6, minor_revision = 3;
constexpr u8 enterprise_server = 4;
constexpr u16 no_c2 = 101, no_c3 = 1001; // latencies that say the state does not exist

// IAPC_BOOT_ARCH (table 5-35).
constexpr u16 legacy_devices = 1 << 0, no_vga = 1 << 2, no_aspm = 1 << 4;

// Flags (table 5-34). Both buttons: there is none in the fixed registers.
constexpr u32 wbinvd = 1 << 0, c1_supported = 1 << 2, no_power_button = 1 << 4,
              no_sleep_button = 1 << 5, no_fixed_rtc_wake = 1 << 6, reset_supported = 1 << 10,
              headless = 1 << 12;

Bytes make(const Maker& maker, u64 facs, u64 dsdt) {
    TableWriter w("FACP", revision, maker);
    w.dword(facs).dword(dsdt).byte(0).byte(enterprise_server).word(map::gsi_sci);
    w.zeroes(8); // SMI_CMD and its commands: always in ACPI mode
    w.dword(map::pm1_event).dword(0).dword(map::pm1_control).dword(0).dword(0);
    w.dword(map::pm_timer).dword(0).dword(0);
    w.byte(pm1_event_size).byte(pm1_control_size).byte(0).byte(pm_timer_size);
    w.zeroes(4); // sizes of GPE blocks, GPE1_BASE, CST_CNT
    w.word(no_c2).word(no_c3);
    w.zeroes(8); // FLUSH_SIZE, FLUSH_STRIDE, DUTY_OFFSET, DUTY_WIDTH, DAY_ALRM, MON_ALRM
    w.byte(century_register).word(legacy_devices | no_vga | no_aspm).byte(0);
    w.dword(wbinvd | c1_supported | no_power_button | no_sleep_button | no_fixed_rtc_wake |
            reset_supported | headless);
    w.port(map::reset_control, 8, 1).byte(map::reset_value).word(0).byte(minor_revision);
    w.qword(facs).qword(dsdt);
    w.port(map::pm1_event, pm1_event_size * 8, 2).no_register();
    w.port(map::pm1_control, pm1_control_size * 8, 2).no_register().no_register();
    w.port(map::pm_timer, pm_timer_size * 8, 4);
    w.no_register().no_register(); // GPE blocks
    w.no_register().no_register(); // sleep registers of hardware-reduced ACPI
    w.qword(0);                    // no hypervisor's name
    return w.finish();
}

} // namespace fadt

/// Firmware ACPI control structure (5.2.10): no header, no checksum.
namespace facs {

constexpr usize size = 64, alignment = 64;
constexpr u8 version = 2;

Bytes make() {
    TableWriter w;
    w.text("FACS", 4).dword(size).zeroes(24).byte(version);
    w.zeroes(size - w.bytes().size());
    return w.bytes();
}

} // namespace facs

/// Multiple APIC description table (5.2.12).
namespace madt {

constexpr u8 revision = 5;
constexpr u32 dual_8259 = 1 << 0;
constexpr u32 enabled = 1 << 0;
enum EntryType : u8 {
    local_apic = 0,
    io_apic = 1,
    source_override = 2,
    local_apic_nmi = 4,
    x2apic = 9,
    x2apic_nmi = 10
};
constexpr u32 first_x2apic_id = 255; // 255 is the xAPIC's broadcast
constexpr u16 as_bus = 0, level_active_high = 0x0D;
constexpr u8 isa_bus = 0, pit_irq = 0, lint1 = 1;

TableWriter& entry(TableWriter& w, EntryType type, u8 size) {
    return w.byte(type).byte(size);
}

void processor(TableWriter& w, u32 id) {
    if (id < first_x2apic_id)
        entry(w, local_apic, 8).byte(id).byte(id).dword(enabled);
    else
        entry(w, x2apic, 16).word(0).dword(id).dword(enabled).dword(id);
}

Bytes make(const Maker& maker, u32 cpus) {
    TableWriter w("APIC", revision, maker);
    w.dword(map::local_apic).dword(dual_8259);
    for (u32 id = 0; id < cpus; ++id)
        processor(w, id);
    entry(w, io_apic, 12).byte(0).byte(0).dword(map::ioapic).dword(0);
    entry(w, source_override, 10).byte(isa_bus).byte(pit_irq).dword(map::gsi_pit).word(as_bus);
    entry(w, source_override, 10).byte(isa_bus).byte(map::gsi_sci).dword(map::gsi_sci);
    w.word(level_active_high);
    entry(w, local_apic_nmi, 6).byte(0xFF).word(as_bus).byte(lint1); // of all CPUs
    if (cpus > first_x2apic_id)
        entry(w, x2apic_nmi, 12).word(as_bus).dword(~u32{0}).byte(lint1).zeroes(3);
    return w.finish();
}

} // namespace madt

/// The differentiated description table, which dsdt.asl has.
namespace dsdt {

constexpr u32 slots = 31;
constexpr u32 route_mark = 0xC1010000; // with the slot: what a route has in place of its pin
constexpr u32 unused_pin = map::ioapic_pins - 1;

/// Puts a number where the only one of that value is in the compiled code.
void replace(Bytes& aml, u32 mark, u32 value) {
    auto bytes = [](u32 number) {
        std::array<u8, sizeof number> all{};
        std::memcpy(all.data(), &number, sizeof number);
        return all;
    };
    auto old = bytes(mark), fresh = bytes(value);
    auto at = std::search(aml.begin(), aml.end(), old.begin(), old.end());
    std::copy(fresh.begin(), fresh.end(), at);
}

Bytes make(const Maker& maker, const AcpiParameters& parameters) {
    if (!parameters.server)
        return acpi::rename_maker({cloison_dsdt, cloison_dsdt_end}, maker);
    Bytes table(cloison_server_dsdt, cloison_server_dsdt_end);
    std::array<u32, slots + 1> pins;
    pins.fill(unused_pin);
    for (const InterruptRoute& route : parameters.routes)
        pins.at(route.slot) = route.pin;
    for (u32 slot = 1; slot <= slots; ++slot)
        replace(table, route_mark + slot, pins[slot]);
    return acpi::rename_maker(table, maker); // with the checksum
}

} // namespace dsdt

/// Where PCI configuration space is mapped (PCI Firmware 3.2, 4.1.2): segment 0, bus 0 only.
Bytes make_mcfg(const Maker& maker) {
    constexpr u64 bytes_per_bus = 1 * mib;
    static_assert(map::ecam.size == bytes_per_bus);
    TableWriter w("MCFG", 1, maker);
    w.zeroes(8).qword(map::ecam.base).word(0).byte(0).byte(0).zeroes(4);
    return w.finish();
}

Bytes make_xsdt(const Maker& maker, std::span<const u64> tables) {
    TableWriter w("XSDT", 1, maker);
    for (u64 address : tables)
        w.qword(address);
    return w.finish();
}

constexpr usize rsdp_size = 36;

/// Root pointer, revision 2 (5.2.5.3): an XSDT and no RSDT.
Bytes make_rsdp(const Maker& maker, u64 xsdt) {
    constexpr usize v1_size = 20, checksum_at = 8, extended_checksum_at = 32;
    TableWriter w;
    w.text("RSD PTR ", 8).byte(0).text(maker.oem_id, 6).byte(2).dword(0);
    w.dword(rsdp_size).qword(xsdt).byte(0).zeroes(3);
    Bytes bytes = w.bytes();
    acpi::set_checksum(std::span(bytes).first(v1_size), checksum_at);
    acpi::set_checksum(bytes, extended_checksum_at);
    return bytes;
}

/// The guest's ACPI area while it fills up.
class Area {
  public:
    explicit Area(usize reserved) : bytes_(reserved) {}

    /// Appends a table; returns its guest address.
    u64 append(const Bytes& table, usize alignment = 16) {
        bytes_.resize(round_up(bytes_.size(), alignment));
        u64 address = map::acpi.base + bytes_.size();
        bytes_.insert(bytes_.end(), table.begin(), table.end());
        return address;
    }

    /// The area with `root` in the place reserved at its start.
    Bytes finish(const Bytes& root) && {
        std::copy(root.begin(), root.end(), bytes_.begin());
        return std::move(bytes_);
    }

  private:
    Bytes bytes_;
};

} // namespace

std::vector<u8> acpi_tables(const AcpiParameters& parameters) {
    Maker maker{parameters.oem_id, parameters.oem_table_id, parameters.oem_revision};
    Area area(rsdp_size);
    u64 facs = area.append(facs::make(), facs::alignment);
    u64 dsdt = area.append(dsdt::make(maker, parameters));
    const u64 tables[] = {area.append(fadt::make(maker, facs, dsdt)),
                          area.append(madt::make(maker, parameters.cpus)),
                          area.append(make_mcfg(maker))};
    u64 xsdt = area.append(make_xsdt(maker, tables));
    return std::move(area).finish(make_rsdp(maker, xsdt));
}

} // namespace cloison
