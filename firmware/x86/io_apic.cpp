// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/io_apic.hpp"

#include "firmware/x86/lock.hpp"

namespace cloison::x86 {

namespace {
constinit Lock lock; // index and data register belong together
}

void set_io_apic_pin(const IoApicPin& pin, const Redirection& to) {
    constexpr u32 first_redirection = 0x10;
    constexpr u32 active_low = 1 << 13, level = 1 << 15, masked = 1 << 16;
    Guard guard(lock);
    auto write = [&](u32 index, u32 value) {
        *reinterpret_cast<volatile u32*>(pin.address) = index;
        *reinterpret_cast<volatile u32*>(pin.address + 0x10) = value;
    };
    u32 low = to.vector | (to.level ? level : 0) | (to.active_low ? active_low : 0);
    write(first_redirection + 2 * pin.pin, masked); // never half of one and half of the other
    write(first_redirection + 2 * pin.pin + 1, to.apic_id << 24);
    write(first_redirection + 2 * pin.pin, low | (to.masked ? masked : 0));
}

} // namespace cloison::x86
