// SPDX-License-Identifier: Apache-2.0
// The clocks of the devices, all derived from the one clock there is: the TSC.
//
// Nothing counts. A device remembers when something began and works out, when it is asked, how far
// that has come: exact integer arithmetic, so that no clock drifts against another.
#pragma once

#include "firmware/abi/types.hpp"

#include <algorithm>

namespace cloison::core {

/// A point in TSC ticks that does not come.
inline constexpr u64 never = ~u64{0};

/// Device time stands still from here on (29 years at 5 GHz), which keeps every product below 2^64.
inline constexpr u64 time_limit = u64{1} << 62;

struct Clock {
    u64 tsc_hz; // 1 MHz to 1 THz; what lies outside is taken for the nearer end
};

/// A clock of `hz` (1 Hz to 4 MHz) that runs from TSC 0.
class Rate {
  public:
    constexpr Rate(Clock clock, u64 hz)
        : tsc_hz_(std::clamp<u64>(clock.tsc_hz, 1'000'000, 1'000'000'000'000)),
          hz_(hz) {}

    /// Cycles completed at `tsc`, at most time_limit.
    [[nodiscard]] constexpr u64 count_at(u64 tsc) const {
        return tsc / tsc_hz_ * hz_ + tsc % tsc_hz_ * hz_ / tsc_hz_;
    }

    /// The first tick at which count_at() is `count`.
    [[nodiscard]] constexpr u64 tick_of(u64 count) const {
        return count / hz_ * tsc_hz_ + (count % hz_ * tsc_hz_ + hz_ - 1) / hz_;
    }

    [[nodiscard]] constexpr u64 tsc_hz() const { return tsc_hz_; }

  private:
    u64 tsc_hz_;
    u64 hz_;
};

} // namespace cloison::core
