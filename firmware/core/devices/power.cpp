// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/power.hpp"

#include "firmware/abi/guest_map.hpp"

namespace cloison::core {

namespace {

// ACPI 6.4, tables 4.13 to 4.16. Of the events only the timer's ever happens.
constexpr u16 timer_event = 1 << 0;
constexpr u16 enable_bits = 1 << 0 | 1 << 5 | 7 << 8; // timer, global lock, buttons and RTC: kept
constexpr u16 control_sci_enabled = 1 << 0;
constexpr u16 control_bits = 1 << 1 | 7 << 10; // BM_RLD and SLP_TYP: kept
constexpr u32 sleep_type_shift = 10;
constexpr u8 sleep_enable_high = 1 << 5; // SLP_EN, in the high byte

// Port 0xCF9 (PIIX3, 290550, reset control register): bit 2 resets on its way from 0 to 1.
constexpr u8 reset_cpu = 1 << 2, reset_bits = 1 << 3 | reset_cpu | 1 << 1;

constexpr u8 a20_enabled = 1 << 1, fast_reset = 1 << 0; // port 0x92

u16 with_byte(u16 word, u16 port, u8 value) {
    return static_cast<u16>(port % 2 != 0 ? (word & 0xFF) | value << 8 : (word & 0xFF00) | value);
}

u8 byte_of(u32 value, u32 index) {
    return static_cast<u8>(value >> (8 * index));
}

} // namespace

u8 PowerControl::read(u16 port, u64 now) {
    advance(now);
    switch (port) {
    case guest_map::pm1_event:
    case guest_map::pm1_event + 1:
        return byte_of(status_, port % 2);
    case guest_map::pm1_event + 2:
    case guest_map::pm1_event + 3:
        return byte_of(enable_, port % 2);
    case guest_map::pm1_control:
    case guest_map::pm1_control + 1:
        return byte_of(control_ | control_sci_enabled, port % 2);
    case guest_map::reset_control:
        return reset_control_;
    case system_control_a:
        return a20_enabled; // always; a guest that sets just this bit must not write back a reset
    default:
        break;
    }
    u32 offset = port - guest_map::pm_timer;
    return offset < 4 ? byte_of(timer(now), offset) : u8{0xFF};
}

void PowerControl::write(u16 port, u8 value, u64 now) {
    advance(now);
    switch (port) {
    case guest_map::pm1_event:
        status_ &= static_cast<u16>(~value);
        break;
    case guest_map::pm1_event + 2:
    case guest_map::pm1_event + 3:
        enable_ = with_byte(enable_, port, value) & enable_bits;
        break;
    case guest_map::pm1_control:
    case guest_map::pm1_control + 1:
        control_ = with_byte(control_, port, value) & control_bits;
        // No other sleep type is named in the DSDT, so the others do nothing.
        if (port % 2 != 0 && (value & sleep_enable_high) != 0 &&
            control_ >> sleep_type_shift == guest_map::s5_sleep_type)
            ask(Power::off);
        break;
    case guest_map::reset_control:
        if ((value & reset_cpu) != 0)
            ask(Power::reset); // on the bit's way from 0 to 1, and it never comes back
        reset_control_ = value & reset_bits;
        break;
    case system_control_a:
        if ((value & fast_reset) != 0)
            ask(Power::reset);
        break;
    case keyboard_command:
        // Pulse output port lines that are 0 in bits 3 to 0; line 0 is the CPU's reset.
        if ((value & 0xF1) == 0xF0)
            ask(Power::reset);
        break;
    default:
        break;
    }
}

void PowerControl::advance(u64 now) {
    if (now < next_toggle_)
        return;
    status_ |= timer_event;
    u64 toggles = timer_rate_.count_at(now) / toggle_cycles;
    next_toggle_ = timer_rate_.tick_of((toggles + 1) * toggle_cycles);
}

u64 PowerControl::next_sci() const {
    return !sci() && (enable_ & timer_event) != 0 ? next_toggle_ : never;
}

} // namespace cloison::core
