// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "firmware/x86/acpi.hpp"

namespace cloison::x86 {

using IoApicPin = AcpiTables::IoApicPin;

/// The highest local APIC ID that a redirection entry has room for, 255 being all of them (82093AA
/// data sheet, 3.2.4).
inline constexpr u32 widest_destination = 0xFE;

/// What a pin of the machine's does: a fixed interrupt to one CPU.
struct Redirection {
    u8 vector;
    u32 apic_id; // at most widest_destination
    bool level = false, active_low = false, masked = false;
};

/// Sets a pin of the machine's; on any CPU at any time.
void set_io_apic_pin(const IoApicPin& pin, const Redirection& to);

} // namespace cloison::x86
