// SPDX-License-Identifier: Apache-2.0
// The few ACPI tables that the firmware itself needs (ACPI 6.4, 5.2).
#pragma once

#include "firmware/abi/types.hpp"

#include <optional>

namespace cloison::x86 {

class AcpiTables {
  public:
    /// `rsdp` from the boot loader, or null: then the BIOS areas are searched (5.2.5.1).
    explicit AcpiTables(const u8* rsdp);

    /// True when a root table was found.
    [[nodiscard]] bool present() const { return root_ != nullptr; }
    /// True when the MADT lists an enabled CPU with this local APIC ID.
    [[nodiscard]] bool has_cpu(u32 apic_id) const;
    /// Where an interrupt arrives: an I/O APIC and a pin of it.
    struct IoApicPin {
        u64 address;
        u32 pin;
    };
    /// Of a global system interrupt; nullopt where the MADT lists no I/O APIC for it.
    [[nodiscard]] std::optional<IoApicPin> io_apic_pin(u32 gsi) const;
    /// The global system interrupt that an ISA interrupt is.
    [[nodiscard]] u32 isa_interrupt(u8 irq) const;
    /// Calls `see(Extent)` for each block of I/O ports that is ACPI's, so the firmware's alone.
    template <typename F>
    void for_each_fixed_port(F&& see) const;
    /// Calls `see(u64 address)` for each I/O APIC.
    template <typename F>
    void for_each_io_apic(F&& see) const;
    /// I/O port of the PM timer, or 0. Runs at 3.579545 MHz, 24 bits at least (4.8.3.3).
    [[nodiscard]] u16 pm_timer_port() const;

  private:
    [[nodiscard]] Extent fixed_port(u32 index) const;
    [[nodiscard]] std::optional<u64> io_apic(u32 index) const;
    template <typename F>
    const u8* find_madt_entry(u8 type, F&& wanted) const;
    [[nodiscard]] const u8* table(const char (&signature)[5]) const;

    static constexpr u32 fixed_port_blocks = 10;

    const u8* root_ = nullptr; // RSDT or XSDT
    u32 entry_size_ = 4;
};

template <typename F>
void AcpiTables::for_each_fixed_port(F&& see) const {
    for (u32 i = 0; i < fixed_port_blocks; ++i)
        if (Extent ports = fixed_port(i); !ports.empty())
            see(ports);
}

template <typename F>
void AcpiTables::for_each_io_apic(F&& see) const {
    for (u32 i = 0; auto address = io_apic(i); ++i)
        see(*address);
}

} // namespace cloison::x86
