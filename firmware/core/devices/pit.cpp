// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/pit.hpp"

namespace cloison::core {

namespace {

constexpr u16 port_control = guest_map::pit + 3;
constexpr u8 read_back_select = 3; // counter number in a control word
constexpr u8 read_back_no_count = 0x20, read_back_no_status = 0x10;

// Port 0x61 (PIIX3 data sheet, 290550, NMI status and control register).
constexpr u8 b_gate = 0x01, b_writable = 0x0F, b_refresh = 0x10, b_output = 0x20;
/// The refresh bit toggles with each memory refresh, which is every 18 cycles.
constexpr u64 refresh_cycles = 18;

} // namespace

Pit::Pit(Clock clock) : rate_(clock, input_hz) {
    plan(0);
}

u8 Pit::read(u16 port, u64 now) {
    if (port >= port_control)
        return 0xFF; // control words cannot be read
    return channels_[port - guest_map::pit].read(rate_.count_at(now));
}

void Pit::write(u16 port, u8 value, u64 now) {
    u64 cycle = rate_.count_at(now);
    PitChannel& timer = channels_[0];
    bool before = timer.output(cycle);
    if (port >= port_control)
        write_control(value, cycle);
    else
        channels_[port - guest_map::pit].write_count(value, cycle);
    rose_ = rose_ || (!before && timer.output(cycle));
    plan(cycle);
}

void Pit::write_control(u8 value, u64 cycle) {
    u32 counter = value >> 6;
    if (counter == read_back_select)
        read_back(value, cycle);
    else if ((value & 0x30) == 0)
        channels_[counter].latch_count(cycle);
    else
        channels_[counter].write_control(value, cycle);
}

void Pit::read_back(u8 command, u64 cycle) {
    for (u32 i = 0; i < channels_.size(); ++i) {
        if ((command >> (i + 1) & 1) == 0)
            continue;
        if ((command & read_back_no_count) == 0)
            channels_[i].latch_count(cycle);
        if ((command & read_back_no_status) == 0)
            channels_[i].latch_status(cycle);
    }
}

u8 Pit::read_control_b(u64 now) const {
    u64 cycle = rate_.count_at(now);
    u8 refresh = cycle / refresh_cycles % 2 != 0 ? b_refresh : 0;
    u8 output = channels_[2].output(cycle) ? b_output : 0;
    return control_b_ | refresh | output;
}

void Pit::write_control_b(u8 value, u64 now) {
    control_b_ = value & b_writable;
    channels_[2].set_gate((value & b_gate) != 0, rate_.count_at(now));
}

void Pit::plan(u64 cycle) {
    u64 rise = channels_[0].next_rise(cycle);
    next_rise_ = rise == PitChannel::no_cycle ? never : rate_.tick_of(rise);
}

bool Pit::advance(u64 now) {
    bool rose = rose_;
    rose_ = false;
    if (now >= next_rise_) {
        rose = true;
        plan(rate_.count_at(now));
    }
    return rose;
}

} // namespace cloison::core
