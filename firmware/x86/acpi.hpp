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
    /// Where an ISA interrupt arrives: an I/O APIC and a pin of it; nullopt where the MADT lists
    /// none.
    struct IoApicPin {
        u64 address;
        u32 pin;
    };
    [[nodiscard]] std::optional<IoApicPin> isa_interrupt(u8 irq) const;
    /// I/O port of the PM timer, or 0. Runs at 3.579545 MHz, 24 bits at least (4.8.3.3).
    [[nodiscard]] u16 pm_timer_port() const;

  private:
    template <typename F>
    const u8* find_madt_entry(u8 type, F&& wanted) const;
    [[nodiscard]] const u8* table(const char (&signature)[5]) const;

    const u8* root_ = nullptr; // RSDT or XSDT
    u32 entry_size_ = 4;
};

} // namespace cloison::x86
