// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "firmware/x86/acpi.hpp"

namespace cloison::x86 {

/// Has an ISA interrupt (edge-triggered) delivered as `vector` to the CPU with `apic_id`, which
/// must be below 255: the redirection entry has no room for more (82093AA data sheet, 3.2.4).
void route_interrupt(const AcpiTables::IoApicPin& pin, u8 vector, u32 apic_id);

} // namespace cloison::x86
