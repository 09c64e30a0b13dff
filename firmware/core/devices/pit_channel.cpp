// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/pit_channel.hpp"

#include <algorithm>

namespace cloison::core {

namespace {

constexpr u8 access_low = 1,
             access_high = 2; // bits 5 and 4 of the control word; 3 is low, then high
constexpr u8 status_output = 0x80, status_null_count = 0x40;

u16 to_bcd(u64 value) {
    return static_cast<u16>(value % 10 | value / 10 % 10 << 4 | value / 100 % 10 << 8 |
                            value / 1000 % 10 << 12);
}

u32 from_bcd(u16 value) {
    return (value & 15u) + (value >> 4 & 15u) * 10 + (value >> 8 & 15u) * 100 +
           (value >> 12) * 1000u;
}

} // namespace

PitChannel::PitChannel(u8 control, u16 count, bool gate) : gate_(gate) {
    write_control(control, 0);
    run_ = {0, decode(count), 0};
    loaded_ = !triggered();
}

/// The number of cycles that a count stands for. 0 is the greatest; 1, which modes 2 and 3 do not
/// allow, is taken for 2.
u32 PitChannel::decode(u16 written) const {
    bool bcd = (control_ & 1) != 0;
    u32 count = bcd ? from_bcd(written) : written;
    if (count == 0)
        count = bcd ? 10'000 : 0x1'0000;
    return periodic() ? std::max(count, 2u) : count;
}

/// Makes the run at `cycle` the current one for good.
void PitChannel::settle(u64 cycle) {
    if (cycle >= switch_) {
        run_ = next_;
        switch_ = no_cycle;
    }
}

u64 PitChannel::elapsed(const Run& run, u64 cycle) const {
    u64 until = std::min(cycle, paused_at_);
    return run.phase + (until > run.start ? until - run.start : 0);
}

void PitChannel::write_control(u8 control, u64 cycle) {
    settle(cycle);
    control_ = control & 0x3F;
    mode_ = control_ >> 1 & 7;
    if (mode_ > 5)
        mode_ &= 3; // the bit above 2 and 3 does not count
    loaded_ = false;
    written_ = false;
    switch_ = no_cycle;
    paused_at_ = paused() ? cycle : no_cycle;
    write_high_ = false;
    read_high_ = false;
    latched_count_.reset();
    latched_status_.reset();
}

void PitChannel::write_count(u8 byte, u64 cycle) {
    settle(cycle);
    switch (control_ >> 4) {
    case access_low:
        load(decode(byte), cycle);
        return;
    case access_high:
        load(decode(static_cast<u16>(byte << 8)), cycle);
        return;
    default:
        break;
    }
    write_high_ = !write_high_;
    if (write_high_) {
        low_byte_ = byte;
        if (mode_ == 0)
            loaded_ = false; // the first byte stops the counter and lowers OUT
    } else {
        load(decode(static_cast<u16>(byte << 8 | low_byte_)), cycle);
    }
}

void PitChannel::load(u32 count, u64 cycle) {
    if (triggered()) {
        register_ = count;
        written_ = true;
    } else if (periodic() && loaded_ && gate_ && cycle >= run_.start) {
        // Counting goes on to the end of the period, in mode 3 of its present half.
        u64 into = elapsed(run_, cycle) % run_.count;
        u64 high = high_cycles(run_.count);
        bool half = mode_ == 3 && into < high;
        switch_ = cycle + (half ? high : run_.count) - into;
        next_ = {switch_, count, half ? high_cycles(count) : 0};
    } else {
        run_ = {cycle + 1, count, 0};
        loaded_ = true;
        switch_ = no_cycle;
        if (paused())
            paused_at_ = cycle + 1;
    }
}

void PitChannel::set_gate(bool gate, u64 cycle) {
    settle(cycle);
    if (gate == gate_)
        return;
    gate_ = gate;
    if (triggered()) {
        if (gate && written_) {
            run_ = {cycle + 1, register_, 0};
            loaded_ = true;
        }
        return;
    }
    if (!gate) {
        paused_at_ = std::max(cycle, run_.start);
        return;
    }
    if (periodic()) {
        // The gate's edge loads the count anew, the last one written.
        run_ = {cycle + 1, switch_ != no_cycle ? next_.count : run_.count, 0};
        switch_ = no_cycle;
    } else if (paused_at_ <= cycle) {
        run_.start += cycle - paused_at_;
    }
    paused_at_ = no_cycle;
}

bool PitChannel::output(u64 cycle) const {
    if (!loaded_)
        return mode_ != 0;
    const Run& run = current(cycle);
    u64 passed = elapsed(run, cycle);
    switch (mode_) {
    case 0:
        return passed >= run.count;
    case 1:
        return cycle < run.start || passed >= run.count;
    case 2:
    case 3:
        return !gate_ || passed % run.count < high_cycles(run.count);
    default:
        return passed != run.count;
    }
}

u64 PitChannel::next_rise(u64 cycle) const {
    if (!loaded_ || paused())
        return no_cycle;
    if (cycle < switch_ && switch_ != no_cycle)
        return next_.phase == 0 ? switch_ : switch_ + next_.count - next_.phase;
    const Run& run = current(cycle);
    if (periodic())
        return std::max(cycle, run.start) + run.count - elapsed(run, cycle) % run.count;
    u64 rise = run.start + run.count + (mode_ >= 4 ? 1 : 0);
    return cycle < rise ? rise : no_cycle;
}

u16 PitChannel::counting_element(u64 cycle) const {
    const Run& run = current(cycle);
    bool bcd = (control_ & 1) != 0;
    u64 passed = elapsed(run, cycle);
    u64 value = 0;
    if (mode_ == 2) {
        value = run.count - passed % run.count;
    } else if (mode_ == 3) {
        // Both halves count the even part of the count down by two.
        u64 into = passed % run.count;
        u64 high = high_cycles(run.count);
        value = (run.count & ~u64{1}) - 2 * (into < high ? into : into - high);
    } else {
        u64 span = bcd ? 10'000 : 0x1'0000;
        value = (run.count + span - passed % span) % span; // wraps and goes on
    }
    return bcd ? to_bcd(value) : static_cast<u16>(value);
}

u8 PitChannel::status(u64 cycle) const {
    bool null_count = !loaded_ || cycle < run_.start || switch_ != no_cycle;
    return static_cast<u8>(control_ | (output(cycle) ? status_output : 0) |
                           (null_count ? status_null_count : 0));
}

/// A latch that has not been read holds its value.
void PitChannel::latch_count(u64 cycle) {
    settle(cycle);
    if (!latched_count_)
        latched_count_ = counting_element(cycle);
}

void PitChannel::latch_status(u64 cycle) {
    settle(cycle);
    if (!latched_status_)
        latched_status_ = status(cycle);
}

u8 PitChannel::read(u64 cycle) {
    settle(cycle);
    if (latched_status_) {
        u8 value = *latched_status_;
        latched_status_.reset();
        return value;
    }
    u8 access = control_ >> 4;
    u16 count = latched_count_ ? *latched_count_ : counting_element(cycle);
    bool high = access == access_high || (access != access_low && read_high_);
    if (access != access_low && access != access_high)
        read_high_ = !read_high_;
    if (!read_high_)
        latched_count_.reset();
    return static_cast<u8>(high ? count >> 8 : count);
}

} // namespace cloison::core
