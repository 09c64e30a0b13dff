// SPDX-License-Identifier: Apache-2.0
// The real-time clock as its data sheet and Linux have it; dates against the C library.
#include "firmware/core/devices/rtc.hpp"

#include "tests/unit/devices/dice.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace cloison::core {
namespace {

constexpr u64 hz = 50'000'000;
constexpr u64 epoch = 1'709'164'799; // 2024-02-28 23:59:59 UTC, a Wednesday

u8 bcd(int value) {
    return static_cast<u8>(value / 10 * 16 + value % 10);
}

struct RtcTest : testing::Test {
    u8 read(u8 index) {
        rtc.select(index);
        return rtc.read(now);
    }
    void write(u8 index, u8 value) {
        rtc.select(index);
        rtc.write(value, now);
    }
    void expect_time(u64 unix_time) {
        auto time = static_cast<std::time_t>(unix_time);
        std::tm t{};
        gmtime_r(&time, &t);
        EXPECT_EQ(read(0), bcd(t.tm_sec));
        EXPECT_EQ(read(2), bcd(t.tm_min));
        EXPECT_EQ(read(4), bcd(t.tm_hour));
        EXPECT_EQ(read(6), bcd(t.tm_wday + 1));
        EXPECT_EQ(read(7), bcd(t.tm_mday));
        EXPECT_EQ(read(8), bcd(t.tm_mon + 1));
        EXPECT_EQ(read(9), bcd(t.tm_year % 100));
        EXPECT_EQ(read(0x32), bcd(t.tm_year / 100 + 19));
    }
    /// mc146818_set_time of Linux.
    void set_time(u64 unix_time) {
        auto time = static_cast<std::time_t>(unix_time);
        std::tm t{};
        gmtime_r(&time, &t);
        u8 saved_b = read(11), saved_a = read(10) & 0x7F;
        write(11, saved_b | 0x80);
        write(10, saved_a | 0x70);
        write(9, bcd(t.tm_year % 100));
        write(8, bcd(t.tm_mon + 1));
        write(7, bcd(t.tm_mday));
        write(4, bcd(t.tm_hour));
        write(2, bcd(t.tm_min));
        write(0, bcd(t.tm_sec));
        write(0x32, bcd(t.tm_year / 100 + 19));
        write(11, saved_b);
        write(10, saved_a);
    }

    u64 now = 0;
    Rtc rtc{Clock{hz}, epoch};
};

TEST_F(RtcTest, StartsAsABiosLeavesIt) {
    EXPECT_EQ(read(10), 0x26);
    EXPECT_EQ(read(11), 0x02);
    EXPECT_EQ(read(12), 0x00);
    EXPECT_EQ(read(13), 0x80); // the battery is good
    EXPECT_FALSE(rtc.interrupt());
    EXPECT_EQ(rtc.next_interrupt(), never);
    expect_time(epoch);
}

TEST_F(RtcTest, TimeRunsWithTheTsc) {
    for (u64 seconds : {1u, 59u, 86'400u, 86'401u, 31'536'000u, 2'000'000'000u}) {
        now = seconds * hz;
        expect_time(epoch + seconds);
        now += hz - 1;
        expect_time(epoch + seconds);
    }
}

TEST(Calendar, AgreesWithTheCLibrary) {
    // Every day of 400 years and more from 1970, then every fifth to the end of 9999.
    for (u64 day = 0; day < 2'932'897; day += day < 160'000 ? 1 : 5) {
        u64 seconds = day * seconds_per_day + day % seconds_per_day;
        auto time = static_cast<std::time_t>(seconds);
        std::tm t{};
        gmtime_r(&time, &t);
        CivilTime civil = civil_from_seconds(unix_epoch + seconds);
        ASSERT_EQ(civil.year, static_cast<u32>(t.tm_year + 1900));
        ASSERT_EQ(civil.month, static_cast<u32>(t.tm_mon + 1));
        ASSERT_EQ(civil.day, static_cast<u32>(t.tm_mday));
        ASSERT_EQ(day_of_week(unix_epoch + seconds), static_cast<u32>(t.tm_wday));
        ASSERT_EQ(seconds_from_civil(civil), unix_epoch + seconds);
    }
}

TEST(Calendar, EveryDayFromYearZeroRoundTrips) {
    for (u64 seconds = 0; seconds < calendar_end; seconds += seconds_per_day / 2 - 1)
        ASSERT_EQ(seconds_from_civil(civil_from_seconds(seconds)), seconds);
    EXPECT_EQ(civil_from_seconds(~u64{0}), civil_from_seconds(calendar_end - 1));
    EXPECT_EQ(civil_from_seconds(calendar_end - 1), (CivilTime{9999, 12, 31, 23, 59, 59}));
}

TEST(RtcEpoch, AnImpossibleOneIsTheEndOfTime) {
    Rtc rtc(Clock{hz}, ~u64{0});
    rtc.select(9);
    EXPECT_EQ(rtc.read(5 * hz), 0x99);
    rtc.select(0x32);
    EXPECT_EQ(rtc.read(5 * hz), 0x99);
}

TEST_F(RtcTest, TwelveHoursAndBinary) {
    struct Case {
        u64 hour;
        u8 bcd12, binary24, binary12;
    };
    u64 midnight = epoch + 1;
    for (Case c : {Case{0, 0x12, 0, 12}, Case{1, 0x01, 1, 1}, Case{11, 0x11, 11, 11},
                   Case{12, 0x92, 12, 0x8C}, Case{13, 0x81, 13, 0x81}, Case{23, 0x91, 23, 0x8B}}) {
        now = (midnight - epoch + c.hour * 3600) * hz;
        write(11, 0x00);
        EXPECT_EQ(read(4), c.bcd12);
        write(11, 0x06);
        EXPECT_EQ(read(4), c.binary24);
        write(11, 0x04);
        EXPECT_EQ(read(4), c.binary12);
        for (u8 format : {u8{0x00}, u8{0x02}, u8{0x04}, u8{0x06}}) {
            write(11, format);
            write(4, read(4)); // what is read can be written back
            write(11, 0x02);
            EXPECT_EQ(read(4), bcd(static_cast<int>(c.hour)));
        }
    }
}

TEST_F(RtcTest, UpdateInProgressWarnsInTime) {
    auto at = [&](u64 us) {
        now = 10 * hz + us * (hz / 1'000'000);
        return (read(10) & 0x80) != 0;
    };
    EXPECT_FALSE(at(0));
    EXPECT_FALSE(at(997'771));
    EXPECT_TRUE(at(997'773));
    EXPECT_TRUE(at(999'999));
    EXPECT_FALSE(at(1'000'000));
    now = 10 * hz + hz - 1;
    write(11, 0x82);
    EXPECT_EQ(read(10), 0x26); // no update while the guest sets the clock
}

TEST_F(RtcTest, LinuxReadsAConsistentTime) { // mc146818_avoid_UIP
    Dice dice(4);
    for (int i = 0; i < 20'000; ++i) {
        now += dice.below(hz / 7);
        u64 second = 0;
        for (;;) {
            u8 seconds = read(0);
            if ((read(10) & 0x80) != 0) {
                now += hz / 1000;
                continue;
            }
            second = now / hz;
            now += dice.below(hz / 4200); // 240 us until the registers are read
            EXPECT_EQ(read(0), seconds);
            break;
        }
        expect_time(epoch + second);
    }
}

TEST_F(RtcTest, LinuxSetsTheTime) {
    Dice dice(5);
    for (int i = 0; i < 2000; ++i) {
        now += dice.below(3 * hz);
        u64 time = dice.bits() % 253'402'300'000;
        set_time(time);
        expect_time(time);
        now += hz / 2 - 1; // the divider was reset: the first update comes after half a second
        expect_time(time);
        now += 1;
        expect_time(time + 1);
        now += hz;
        expect_time(time + 2);
    }
}

TEST_F(RtcTest, ASingleRegisterCanBeSet) {
    now = 3 * hz / 2;
    write(8, 0x12);
    EXPECT_EQ(read(8), 0x12);
    EXPECT_EQ(read(7), 0x29);
    EXPECT_EQ(read(0), 0x00);
    now += hz / 2; // the phase stays
    EXPECT_EQ(read(0), 0x01);
}

TEST_F(RtcTest, WhileBeingSetTheClockStandsAndItsPhaseStays) {
    now = hz / 4;
    write(11, 0x82);
    now = 100 * hz + hz / 4;
    expect_time(epoch);
    write(0, 0x30);
    EXPECT_EQ(read(0), 0x30);
    write(11, 0x02);
    EXPECT_EQ(read(0), 0x30);
    now = 101 * hz;
    EXPECT_EQ(read(0), 0x31);
}

TEST_F(RtcTest, NonsenseBecomesATime) {
    Dice dice(6);
    for (int i = 0; i < 20'000; ++i) {
        now += dice.below(hz);
        write(11, static_cast<u8>(0x80 | (dice.byte() & 0x06)));
        for (u8 index : {u8{0}, u8{2}, u8{4}, u8{6}, u8{7}, u8{8}, u8{9}, u8{0x32}})
            write(index, dice.byte());
        write(11, 0x06);
        EXPECT_LE(read(0), 59);
        EXPECT_LE(read(2), 59);
        EXPECT_LE(read(4), 23);
        EXPECT_GE(read(6), 1);
        EXPECT_LE(read(6), 7);
        EXPECT_GE(read(7), 1);
        EXPECT_LE(read(7), 31);
        EXPECT_GE(read(8), 1);
        EXPECT_LE(read(8), 12);
        EXPECT_LE(read(9), 99);
        EXPECT_LE(read(0x32), 100);
    }
}

TEST_F(RtcTest, PeriodicInterrupts) {
    write(11, 0x42);
    for (u64 i = 1; i <= 5000; ++i) {
        now = rtc.next_interrupt();
        EXPECT_EQ(now, (i * hz + 1023) / 1024);
        rtc.advance(now - 1);
        EXPECT_FALSE(rtc.interrupt());
        rtc.advance(now);
        EXPECT_TRUE(rtc.interrupt());
        EXPECT_EQ(rtc.next_interrupt(), never); // until the guest has looked
        EXPECT_EQ(read(12) & 0xC0, 0xC0);
        EXPECT_FALSE(rtc.interrupt());
        EXPECT_EQ(read(12), 0x00);
    }
    write(10, 0x20); // rate 0
    EXPECT_EQ(rtc.next_interrupt(), never);
    for (u32 rate = 1; rate < 16; ++rate) {
        now = 100 * hz;
        write(10, static_cast<u8>(0x20 | rate));
        u64 frequency = rate == 1 ? 256 : rate == 2 ? 128 : 65'536 >> rate;
        EXPECT_EQ(rtc.next_interrupt(), 100 * hz + (hz + frequency - 1) / frequency);
    }
}

TEST_F(RtcTest, FlagsTellWhatPassedEvenWithoutInterrupts) {
    now = hz / 2048;
    EXPECT_EQ(read(12), 0x00);
    now = hz / 1024 + 1;
    EXPECT_EQ(read(12), 0x40);
    now = hz;
    EXPECT_EQ(read(12), 0x70); // the alarm registers are all 0, and midnight it is
    now = 2 * hz;
    EXPECT_EQ(read(12), 0x50);
    EXPECT_FALSE(rtc.interrupt());
}

TEST_F(RtcTest, UpdateInterrupts) {
    now = hz / 3;
    write(11, 0x12);
    for (u64 second = 1; second <= 5; ++second) {
        EXPECT_EQ(rtc.next_interrupt(), second * hz);
        now = rtc.next_interrupt();
        rtc.advance(now);
        EXPECT_TRUE(rtc.interrupt());
        EXPECT_EQ(read(12) & 0x90, 0x90);
    }
    write(11, 0x92); // SET clears the enable
    EXPECT_EQ(read(11), 0x82);
    EXPECT_EQ(rtc.next_interrupt(), never);
}

TEST_F(RtcTest, TheAlarmIsTheNextMatch) {
    Dice dice(7);
    write(11, 0x22);
    for (int i = 0; i < 300; ++i) {
        now += dice.bits() % (200'000 * hz);
        u32 parts[3] = {dice.below(60), dice.below(60), dice.below(24)};
        bool any[3] = {dice.one_in(3), dice.one_in(3), dice.one_in(3)};
        for (u32 p = 0; p < 3; ++p)
            write(static_cast<u8>(2 * p + 1), any[p] ? u8{0xFF} : bcd(static_cast<int>(parts[p])));
        (void)read(12);
        u64 second = now / hz;
        auto match = [&](u64 t) {
            return (any[0] || t % 60 == parts[0]) && (any[1] || t / 60 % 60 == parts[1]) &&
                   (any[2] || t / 3600 % 24 == parts[2]);
        };
        do
            ++second;
        while (!match(epoch + second));
        ASSERT_EQ(rtc.next_interrupt(), second * hz);
        now = second * hz - 1;
        ASSERT_EQ(read(12) & 0x20, 0);
        now = second * hz;
        rtc.advance(now);
        ASSERT_TRUE(rtc.interrupt());
        ASSERT_EQ(read(12) & 0xA0, 0xA0);
    }
}

TEST_F(RtcTest, AnImpossibleAlarmNeverComes) {
    write(5, 0x25);
    write(11, 0x22);
    EXPECT_EQ(rtc.next_interrupt(), never);
    now = 1000 * seconds_per_day * hz;
    EXPECT_EQ(read(12) & 0x20, 0);
}

TEST_F(RtcTest, NoAlarmWhileTheClockIsSet) {
    write(1, 0xFF);
    write(3, 0xFF);
    write(5, 0xFF);
    write(11, 0x22);
    EXPECT_EQ(rtc.next_interrupt(), hz);
    write(11, 0xA2);
    EXPECT_EQ(rtc.next_interrupt(), never);
}

TEST_F(RtcTest, AStoppedDividerStopsAll) {
    now = 5 * hz;
    write(11, 0x72);
    write(10, 0x66);
    EXPECT_EQ(rtc.next_interrupt(), never);
    (void)read(12);
    now = 50 * hz;
    EXPECT_EQ(read(12), 0x00);
    expect_time(epoch + 5);
    EXPECT_EQ(read(10), 0x66);
}

TEST_F(RtcTest, TheRestIsMemory) {
    for (u32 i = 14; i < 128; ++i)
        if (i != 0x32)
            write(static_cast<u8>(i | 0x80), static_cast<u8>(i * 3)); // bit 7 is the NMI mask
    for (u32 i = 14; i < 128; ++i) {
        if (i != 0x32) {
            EXPECT_EQ(read(static_cast<u8>(i)), static_cast<u8>(i * 3));
        }
    }
    for (u8 alarm : {u8{1}, u8{3}, u8{5}}) {
        write(alarm, 0x17);
        EXPECT_EQ(read(alarm), 0x17);
    }
    write(12, 0xFF);
    write(13, 0x00);
    EXPECT_EQ(read(13), 0x80);
}

} // namespace
} // namespace cloison::core
