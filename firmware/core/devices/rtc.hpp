// SPDX-License-Identifier: Apache-2.0
// The real-time clock and CMOS RAM of a PC (Motorola MC146818A, with the century at 0x32).
//
// The clock's time is a base, in seconds, plus the whole seconds that the TSC has run since an
// origin. The interrupt flags follow from what has passed since they were last looked at.
#pragma once

#include "firmware/core/devices/calendar.hpp"
#include "firmware/core/devices/clock.hpp"
#include "firmware/core/devices/rtc_format.hpp"

#include <array>
#include <optional>

namespace cloison::core {

class Rtc {
  public:
    /// `epoch`: seconds since 1970 at TSC 0; from year 10000 on, the clock stands.
    Rtc(Clock clock, u64 epoch);

    /// Port guest_map::rtc; its bit 7, the NMI mask of old PCs, is ignored.
    void select(u8 index) { index_ = index & 0x7F; }
    /// Port guest_map::rtc + 1.
    [[nodiscard]] u8 read(u64 now);
    void write(u8 value, u64 now);

    /// Raises the interrupt if its time has come.
    void advance(u64 now);
    /// The line of IRQ 8.
    [[nodiscard]] bool interrupt() const;
    /// The tick at which interrupt() rises by itself, or never.
    [[nodiscard]] u64 next_interrupt() const { return next_; }

  private:
    static constexpr u32 ram_size = 128;

    [[nodiscard]] bool divider_runs() const;
    [[nodiscard]] bool setting() const;
    [[nodiscard]] RtcFormat format() const;
    [[nodiscard]] u64 seconds_at(u64 tsc) const;
    [[nodiscard]] bool update_in_progress(u64 now) const;
    [[nodiscard]] std::optional<Rate> periodic_rate() const;
    /// The first second after `seconds` that the alarm registers match, or never.
    [[nodiscard]] u64 next_alarm(u64 seconds) const;

    /// Clock registers from the time, and the time from them.
    void store_time(u64 seconds);
    [[nodiscard]] u64 load_time() const;
    void rebase(u64 now);
    void write_a(u8 value, u64 now);
    void write_b(u8 value, u64 now);
    void update_flags(u64 now);
    void plan(u64 now);

    Rate seconds_;
    u64 base_;       // seconds since year 0 at the origin
    u64 origin_ = 0; // TSC; modulo 2^64, since it may lie before TSC 0
    u64 seen_ = 0;   // the flags tell what happened up to here
    u64 next_ = never;
    u8 index_ = 0;
    u8 flags_ = 0; // register C
    // Registers and RAM. The clock's registers count only while the guest sets them.
    std::array<u8, ram_size> ram_{};
};

} // namespace cloison::core
