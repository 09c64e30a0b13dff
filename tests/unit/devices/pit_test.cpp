// SPDX-License-Identifier: Apache-2.0
// The timer as the PC wires it and Linux uses it, in TSC ticks.
#include "firmware/core/devices/pit.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

constexpr Clock clock_rate{2'399'999'987};
constexpr Rate cycles(clock_rate, Pit::input_hz);
constexpr u64 period = 4773; // Linux at 250 Hz
constexpr u16 port = guest_map::pit, control = guest_map::pit + 3;

struct PitTest : testing::Test {
    void write_word(u32 counter, u64 count) {
        pit.write(static_cast<u16>(port + counter), static_cast<u8>(count), now);
        pit.write(static_cast<u16>(port + counter), static_cast<u8>(count >> 8), now);
    }
    u32 read_word(u32 counter) {
        u32 low = pit.read(static_cast<u16>(port + counter), now);
        return low | u32{pit.read(static_cast<u16>(port + counter), now)} << 8;
    }
    void start(u32 mode, u64 count) {
        pit.write(control, static_cast<u8>(0x30 | mode << 1), now);
        write_word(0, count);
        pit.advance(now);
    }

    u64 now = 5'000'000'000;
    Pit pit{clock_rate};
};

TEST_F(PitTest, RunsAsABiosLeavesIt) {
    Pit fresh(clock_rate);
    EXPECT_EQ(fresh.next_rise(), cycles.tick_of(0x1'0000));
    EXPECT_EQ(fresh.read_control_b(0) & 0x0F, 0);
    fresh.write(control, 0xEE, 0); // read back the status of all
    EXPECT_EQ(fresh.read(port, 0), 0xB6);
    EXPECT_EQ(fresh.read(port + 1, 0), 0x94);
    EXPECT_EQ(fresh.read(port + 2, 0), 0xB6);
}

TEST_F(PitTest, PeriodicInterruptsDoNotDrift) {
    start(2, period);
    u64 loaded = cycles.count_at(now) + 1;
    for (u64 tick = 1; tick <= 900'000; ++tick) {
        now = pit.next_rise();
        ASSERT_EQ(now, cycles.tick_of(loaded + tick * period));
        ASSERT_FALSE(pit.advance(now - 1));
        ASSERT_TRUE(pit.advance(now));
        ASSERT_FALSE(pit.advance(now));
    }
}

TEST_F(PitTest, MissedPeriodsAreOneInterrupt) {
    start(2, period);
    u64 loaded = cycles.count_at(now) + 1;
    now = cycles.tick_of(loaded + 10 * period + 5);
    EXPECT_TRUE(pit.advance(now));
    EXPECT_FALSE(pit.advance(now));
    EXPECT_EQ(pit.next_rise(), cycles.tick_of(loaded + 11 * period));
}

TEST_F(PitTest, OneShotAsLinuxUsesIt) { // pit_set_oneshot and pit_next_event: mode 4
    pit.write(control, 0x38, now);
    EXPECT_EQ(pit.next_rise(), never);
    write_word(0, 1193);
    pit.advance(now);
    u64 expected = cycles.tick_of(cycles.count_at(now) + 1 + 1193 + 1);
    EXPECT_EQ(pit.next_rise(), expected);
    EXPECT_TRUE(pit.advance(expected));
    EXPECT_EQ(pit.next_rise(), never);
}

TEST_F(PitTest, ShutDownAsLinuxDoesIt) { // pit_shutdown: mode 0 with the greatest count
    start(0, 0);
    u64 last = pit.next_rise();
    EXPECT_EQ(last, cycles.tick_of(cycles.count_at(now) + 1 + 0x1'0000));
    EXPECT_TRUE(pit.advance(last));
    EXPECT_EQ(pit.next_rise(), never);
}

TEST_F(PitTest, AControlWordMayRaiseTheOutput) {
    start(0, 0);
    EXPECT_FALSE(pit.advance(now));
    pit.write(control, 0x34, now); // from low in mode 0 to high in mode 2
    EXPECT_TRUE(pit.advance(now));
    EXPECT_FALSE(pit.advance(now));
}

TEST_F(PitTest, LinuxCalibratesTheTsc) { // pit_calibrate_tsc
    pit.write_control_b(static_cast<u8>((pit.read_control_b(now) & ~0x02) | 0x01), now);
    pit.write(control, 0xB0, now);
    u32 latch = 1'193'182 / 100; // 10 ms
    write_word(2, latch);
    u64 begin = now;
    u64 polls = 0;
    while ((pit.read_control_b(now) & 0x20) == 0) {
        now += 3000;
        ++polls;
    }
    u64 hz = (now - begin) * 1'193'182 / latch;
    EXPECT_NEAR(static_cast<double>(hz), 2.4e9, 2.4e9 * 0.0005);
    EXPECT_GT(polls, 1000u);
}

TEST_F(PitTest, LinuxCalibratesQuickly) { // quick_pit_calibrate: watches the high byte change
    pit.write_control_b(static_cast<u8>((pit.read_control_b(now) & ~0x02) | 0x01), now);
    pit.write(control, 0xB0, now);
    write_word(2, 0xFFFF);
    auto high_byte = [&] {
        now += 2400;
        (void)pit.read(port + 2, now);
        return pit.read(port + 2, now);
    };
    u64 edges[3]{};
    for (u32 i = 0; i < 3; ++i) {
        while (high_byte() == 0xFF - i) {
        }
        edges[i] = now;
    }
    u64 hz = (edges[2] - edges[1]) * 1'193'182 / 256;
    EXPECT_NEAR(static_cast<double>(hz), 2.4e9, 2.4e9 * 0.03);
}

TEST_F(PitTest, TheGateHoldsCounterTwo) {
    pit.write_control_b(0, now);
    pit.write(control, 0xB0, now);
    write_word(2, 1000);
    now += clock_rate.tsc_hz;
    EXPECT_EQ(read_word(2), 1000u);
    EXPECT_EQ(pit.read_control_b(now) & 0x20, 0);
    pit.write_control_b(1, now);
    now += clock_rate.tsc_hz;
    EXPECT_NE(pit.read_control_b(now) & 0x20, 0);
}

TEST_F(PitTest, PortBKeepsItsLowBitsAndShowsRefresh) {
    pit.write_control_b(0xFE, now);
    EXPECT_EQ(pit.read_control_b(now) & 0xCF, 0x0E);
    u32 toggles = 0;
    u8 before = pit.read_control_b(now);
    for (u64 i = 0; i < 1'000'000; i += 1000) { // 417 us
        u8 after = pit.read_control_b(now + i);
        toggles += ((before ^ after) & 0x10) != 0;
        before = after;
    }
    EXPECT_NEAR(toggles, 417 / 15.085, 1.0);
}

TEST_F(PitTest, LatchAndReadBackCommands) {
    start(2, 50'000);
    u64 loaded = cycles.count_at(now) + 1;
    now = cycles.tick_of(loaded + 1234);
    pit.write(control, 0x00, now); // latch counter 0
    now += clock_rate.tsc_hz / 1000;
    EXPECT_EQ(read_word(0), 50'000u - 1234);
    now = cycles.tick_of(loaded + 5000);
    pit.write(control, 0xC2, now); // read back counter 0: count and status
    now += clock_rate.tsc_hz / 1000;
    EXPECT_EQ(pit.read(port, now), 0xB4);
    EXPECT_EQ(read_word(0), 50'000u - 5000);
    pit.write(control, 0xE8, now); // status of counter 2
    EXPECT_EQ(pit.read(port + 2, now) & 0x3F, 0x36);
    EXPECT_EQ(pit.read(control, now), 0xFF);
}

} // namespace
} // namespace cloison::core
