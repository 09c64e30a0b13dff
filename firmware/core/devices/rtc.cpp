// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/rtc.hpp"

namespace cloison::core {

namespace {

constexpr u8 reg_second = 0, reg_second_alarm = 1, reg_minute = 2, reg_minute_alarm = 3,
             reg_hour = 4, reg_hour_alarm = 5, reg_weekday = 6, reg_day = 7, reg_month = 8,
             reg_year = 9, reg_a = 10, reg_b = 11, reg_c = 12, reg_d = 13, reg_century = 0x32;

constexpr u8 a_update_in_progress = 0x80, a_divider = 0x70, a_divider_32khz = 0x20, a_rate = 0x0F;
constexpr u8 b_set = 0x80, b_update = 0x10, b_binary = 0x04, b_24_hours = 0x02;
constexpr u8 c_interrupt = 0x80, c_periodic = 0x40, c_alarm = 0x20, c_update = 0x10;
constexpr u8 c_causes = c_periodic | c_alarm | c_update; // the enables in B are at the same bits
constexpr u8 d_valid = 0x80;
constexpr u8 alarm_any = 0xC0; // an alarm register from here up matches always

/// UIP is set 244 us before an update, which takes 1984 us with this crystal. The registers change
/// at the end of it.
constexpr u64 update_us = 244 + 1984;

bool is_time(u8 index) {
    return (index <= reg_year && index != reg_second_alarm && index != reg_minute_alarm &&
            index != reg_hour_alarm) ||
           index == reg_century;
}

} // namespace

Rtc::Rtc(Clock clock, u64 epoch)
    : seconds_(clock, 1),
      base_(std::min(epoch, calendar_end - 1 - unix_epoch) + unix_epoch) {
    ram_[reg_a] = a_divider_32khz | 6; // 1024 Hz
    ram_[reg_b] = b_24_hours;
}

bool Rtc::divider_runs() const {
    return (ram_[reg_a] & a_divider) == a_divider_32khz;
}

bool Rtc::setting() const {
    return (ram_[reg_b] & b_set) != 0;
}

RtcFormat Rtc::format() const {
    return {(ram_[reg_b] & b_binary) != 0, (ram_[reg_b] & b_24_hours) != 0};
}

void Rtc::store_time(u64 seconds) {
    RtcFormat f = format();
    CivilTime t = civil_from_seconds(seconds);
    ram_[reg_second] = f.encode(t.second);
    ram_[reg_minute] = f.encode(t.minute);
    ram_[reg_hour] = f.encode_hour(t.hour);
    ram_[reg_weekday] = f.encode(day_of_week(seconds) + 1);
    ram_[reg_day] = f.encode(t.day);
    ram_[reg_month] = f.encode(t.month);
    ram_[reg_year] = f.encode(t.year % 100);
    ram_[reg_century] = f.encode(t.year / 100);
}

/// Whatever the guest wrote is a time: what is out of range becomes the nearest value in it. The
/// day of the week follows from the date.
u64 Rtc::load_time() const {
    RtcFormat f = format();
    CivilTime t;
    t.second = std::min(f.decode(ram_[reg_second]), 59u);
    t.minute = std::min(f.decode(ram_[reg_minute]), 59u);
    t.hour = std::min(f.decode_hour(ram_[reg_hour]), 23u);
    t.day = std::clamp(f.decode(ram_[reg_day]), 1u, 31u);
    t.month = std::clamp(f.decode(ram_[reg_month]), 1u, 12u);
    t.year = std::min(f.decode(ram_[reg_century]) * 100 + f.decode(ram_[reg_year]), last_year);
    return seconds_from_civil(t);
}

u64 Rtc::seconds_at(u64 tsc) const {
    return divider_runs() && !setting() ? base_ + seconds_.count_at(tsc - origin_) : base_;
}

bool Rtc::update_in_progress(u64 now) const {
    u64 hz = seconds_.tsc_hz();
    u64 into = (now - origin_) % hz;
    return divider_runs() && !setting() && into >= hz - hz * update_us / 1'000'000;
}

/// Rate select 3 to 15 halves 8192 Hz each time; 1 and 2 are 256 and 128 Hz.
std::optional<Rate> Rtc::periodic_rate() const {
    u32 select = ram_[reg_a] & a_rate;
    if (select == 0 || !divider_runs())
        return std::nullopt;
    return Rate({seconds_.tsc_hz()}, 0x1'0000 >> (select < 3 ? select + 7 : select));
}

u64 Rtc::next_alarm(u64 seconds) const {
    RtcFormat f = format();
    auto matches = [&](u8 alarm, u32 alarm_value, u32 value) {
        return alarm >= alarm_any || alarm_value == value;
    };
    u8 hour = ram_[reg_hour_alarm], minute = ram_[reg_minute_alarm],
       second = ram_[reg_second_alarm];
    // Step to the next hour, minute or second until all match. Before and after a change of hour,
    // that takes 24 hours, 60 minutes and 60 seconds at most; an alarm that never comes ends there.
    u64 t = seconds + 1;
    for (u32 steps = 0; steps < 24 + 60 + 60; ++steps) {
        if (!matches(hour, f.decode_hour(hour), static_cast<u32>(t / 3600 % 24)))
            t = (t / 3600 + 1) * 3600;
        else if (!matches(minute, f.decode(minute), static_cast<u32>(t / 60 % 60)))
            t = (t / 60 + 1) * 60;
        else if (!matches(second, f.decode(second), static_cast<u32>(t % 60)))
            ++t;
        else
            return t;
    }
    return never;
}

/// Moves the base to the last whole second, which leaves the time as it is.
void Rtc::rebase(u64 now) {
    if (!divider_runs())
        return;
    base_ = seconds_at(now);
    origin_ += seconds_.tick_of(seconds_.count_at(now - origin_));
}

void Rtc::update_flags(u64 now) {
    u64 before = seconds_at(seen_);
    u64 after = seconds_at(now);
    if (after > before) {
        flags_ |= c_update;
        if ((flags_ & c_alarm) == 0 && next_alarm(before) <= after)
            flags_ |= c_alarm;
    }
    auto periodic = periodic_rate();
    if (periodic && periodic->count_at(now - origin_) > periodic->count_at(seen_ - origin_))
        flags_ |= c_periodic;
    seen_ = now;
}

bool Rtc::interrupt() const {
    return (flags_ & ram_[reg_b] & c_causes) != 0;
}

/// Finds the next event that is enabled to interrupt. While the line is raised nothing can raise
/// it.
void Rtc::plan(u64 now) {
    next_ = never;
    u8 enabled = ram_[reg_b] & c_causes;
    if (enabled == 0 || interrupt() || !divider_runs())
        return;
    auto periodic = periodic_rate();
    if ((enabled & c_periodic) != 0 && periodic)
        next_ = origin_ + periodic->tick_of(periodic->count_at(now - origin_) + 1);
    if (setting())
        return;
    u64 seconds = seconds_at(now);
    u64 event = never;
    if ((enabled & c_update) != 0)
        event = seconds + 1;
    else if ((enabled & c_alarm) != 0)
        event = next_alarm(seconds);
    if (event != never)
        next_ = std::min(next_, origin_ + seconds_.tick_of(event - base_));
}

void Rtc::advance(u64 now) {
    if (now < next_)
        return;
    update_flags(now);
    plan(now);
}

u8 Rtc::read(u64 now) {
    u8 value = 0;
    switch (index_) {
    case reg_a:
        return update_in_progress(now) ? ram_[reg_a] | a_update_in_progress : ram_[reg_a];
    case reg_c:
        update_flags(now);
        value = interrupt() ? flags_ | c_interrupt : flags_;
        flags_ = 0;
        plan(now);
        return value;
    case reg_d:
        return d_valid;
    default:
        if (is_time(index_) && !setting())
            store_time(seconds_at(now));
        return ram_[index_];
    }
}

void Rtc::write(u8 value, u64 now) {
    update_flags(now);
    switch (index_) {
    case reg_a:
        write_a(value, now);
        break;
    case reg_b:
        write_b(value, now);
        break;
    case reg_c:
    case reg_d:
        break;
    default:
        if (is_time(index_) && !setting()) {
            rebase(now);
            store_time(base_);
            ram_[index_] = value;
            base_ = load_time();
        } else {
            ram_[index_] = value;
        }
        break;
    }
    plan(now);
}

void Rtc::write_a(u8 value, u64 now) {
    bool ran = divider_runs();
    rebase(now);
    ram_[reg_a] = value & static_cast<u8>(~a_update_in_progress);
    // The divider starts half way: the first update comes after half a second.
    if (!ran && divider_runs())
        origin_ = now - seconds_.tsc_hz() / 2;
}

void Rtc::write_b(u8 value, u64 now) {
    bool was_setting = setting();
    rebase(now);
    if (!was_setting && (value & b_set) != 0)
        store_time(base_);
    ram_[reg_b] = value;
    if (setting())
        ram_[reg_b] &= static_cast<u8>(~b_update);
    else if (was_setting)
        base_ = load_time();
}

} // namespace cloison::core
