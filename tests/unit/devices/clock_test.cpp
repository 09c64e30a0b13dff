// SPDX-License-Identifier: Apache-2.0
// The one arithmetic of all timers, held against 128-bit integers.
#include "firmware/core/devices/clock.hpp"

#include "tests/unit/devices/dice.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr u64 device_rates[] = {1, 2, 1024, 8192, 1'193'182, 3'579'545};
constexpr u64 tsc_rates[] = {1'000'000, 4'000'000, 50'000'000, 2'399'999'987, 1'000'000'000'000};

TEST(Rate, CountsExactlyOverTheWholeRange) {
    Dice dice(1);
    for (u64 tsc_hz : tsc_rates) {
        for (u64 hz : device_rates) {
            Rate rate(Clock{tsc_hz}, hz);
            for (int i = 0; i < 2000; ++i) {
                u64 tsc = dice.bits() % (time_limit + 1) >> (dice.bits() % 62);
                EXPECT_EQ(rate.count_at(tsc), static_cast<u64>(Wide{tsc} * hz / tsc_hz));
            }
            EXPECT_EQ(rate.count_at(time_limit), static_cast<u64>(Wide{time_limit} * hz / tsc_hz));
        }
    }
}

TEST(Rate, TickOfIsTheFirstTickOfACount) {
    Dice dice(2);
    for (u64 tsc_hz : tsc_rates) {
        for (u64 hz : device_rates) {
            if (hz > tsc_hz)
                continue; // several counts fall on one tick
            Rate rate(Clock{tsc_hz}, hz);
            for (int i = 0; i < 2000; ++i) {
                u64 count = 1 + (dice.bits() >> (dice.bits() % 60)) % rate.count_at(time_limit / 2);
                u64 tick = rate.tick_of(count);
                EXPECT_EQ(rate.count_at(tick), count);
                EXPECT_EQ(rate.count_at(tick - 1), count - 1);
            }
        }
    }
}

TEST(Rate, AFrequencyOutOfRangeIsTakenForTheNearest) {
    EXPECT_EQ(Rate(Clock{0}, 1).tsc_hz(), 1'000'000u);
    EXPECT_EQ(Rate(Clock{~u64{0}}, 1).tsc_hz(), 1'000'000'000'000u);
}

} // namespace
} // namespace cloison::core
