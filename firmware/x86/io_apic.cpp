// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/io_apic.hpp"

namespace cloison::x86 {

void route_interrupt(const AcpiTables::IoApicPin& pin, u8 vector, u32 apic_id) {
    constexpr u32 first_redirection = 0x10;
    auto write = [&](u32 index, u32 value) {
        *reinterpret_cast<volatile u32*>(pin.address) = index;
        *reinterpret_cast<volatile u32*>(pin.address + 0x10) = value;
    };
    write(first_redirection + 2 * pin.pin + 1, apic_id << 24);
    write(first_redirection + 2 * pin.pin, vector); // fixed, physical, edge, unmasked
}

} // namespace cloison::x86
