// SPDX-License-Identifier: Apache-2.0
// ACPI's fixed registers and the ways to ask for power-off and reset.
#include "firmware/core/devices/power.hpp"

#include "firmware/abi/guest_map.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

constexpr u64 hz = 50'000'000;
constexpr Rate timer_rate(Clock{hz}, PowerControl::timer_hz);
constexpr u16 event = guest_map::pm1_event, control = guest_map::pm1_control;
constexpr u64 half_period = 0x80'0000;

struct PowerTest : testing::Test {
    u32 word(u16 port) {
        return power.read(port, now) | u32{power.read(static_cast<u16>(port + 1), now)} << 8;
    }
    void write(u16 port, u32 value) { power.write(port, static_cast<u8>(value), now); }
    void set_word(u16 port, u32 value) {
        write(port, value);
        write(static_cast<u16>(port + 1), value >> 8);
    }

    u64 now = 0;
    PowerControl power{Clock{hz}};
};

TEST_F(PowerTest, TheTimerRunsAtItsRateIn24Bits) { // what Linux's pmtmr verification wants
    for (u64 seconds : {0u, 1u, 4u, 5u, 1000u, 1'000'000u}) {
        now = seconds * hz;
        EXPECT_EQ(power.timer(now), seconds * 3'579'545 % 0x100'0000);
        u32 bytes = 0;
        for (u16 i = 0; i < 4; ++i)
            bytes |= u32{power.read(static_cast<u16>(guest_map::pm_timer + i), now)} << (8 * i);
        EXPECT_EQ(bytes, power.timer(now));
    }
}

TEST_F(PowerTest, AcpiModeIsAlwaysOn) {
    EXPECT_EQ(word(control), 1u);
    set_word(control, 0);
    EXPECT_EQ(word(control), 1u);
    set_word(control, 0xDFFF & ~(7u << 10)); // all but SLP_EN and a sleep type
    EXPECT_EQ(word(control), 3u);
    EXPECT_EQ(power.request(), Power::none);
}

TEST_F(PowerTest, SoftOff) { // acpi_hw_legacy_sleep: first the type, then the type with SLP_EN
    u32 type = u32{guest_map::s5_sleep_type} << 10;
    set_word(control, type | 1);
    EXPECT_EQ(power.request(), Power::none);
    EXPECT_EQ(word(control), type | 1);
    set_word(control, type | 1 << 13 | 1);
    EXPECT_EQ(power.request(), Power::off);
    EXPECT_EQ(word(control), type | 1); // SLP_EN is write-only
}

TEST_F(PowerTest, OtherSleepTypesDoNothing) {
    for (u32 type = 0; type < 8; ++type) {
        if (type != guest_map::s5_sleep_type)
            set_word(control, type << 10 | 1 << 13);
    }
    EXPECT_EQ(power.request(), Power::none);
}

TEST_F(PowerTest, TheTimersCarryIsAnEvent) {
    u64 toggle = timer_rate.tick_of(half_period);
    now = toggle - 1;
    EXPECT_EQ(word(event), 0u);
    EXPECT_EQ(power.next_sci(), never);
    set_word(event + 2, 1);
    EXPECT_EQ(power.next_sci(), toggle);
    EXPECT_FALSE(power.sci());
    now = toggle;
    power.advance(now);
    EXPECT_TRUE(power.sci());
    EXPECT_EQ(power.next_sci(), never);
    EXPECT_EQ(word(event), 1u);
    set_word(event, 0xFFFE); // write 1 to clear: not this bit
    EXPECT_TRUE(power.sci());
    set_word(event, 1);
    EXPECT_FALSE(power.sci());
    EXPECT_EQ(power.next_sci(), timer_rate.tick_of(2 * half_period));
    now = timer_rate.tick_of(7 * half_period + 5); // missed ones are one
    power.advance(now);
    EXPECT_TRUE(power.sci());
    set_word(event, 1);
    EXPECT_EQ(power.next_sci(), timer_rate.tick_of(8 * half_period));
    set_word(event + 2, 0);
    now += hz * 10;
    EXPECT_EQ(word(event), 1u); // the status tells it all the same
    EXPECT_FALSE(power.sci());
}

TEST_F(PowerTest, EnableKeepsWhatAcpiDefines) {
    set_word(event + 2, 0xFFFF);
    EXPECT_EQ(word(event + 2), 0x0721u);
    set_word(event + 2, 0x0000);
    EXPECT_EQ(word(event + 2), 0x0000u);
}

TEST_F(PowerTest, ResetRegister) {
    write(guest_map::reset_control, 0x02); // Linux, BOOT_CF9: first the kind of reset
    EXPECT_EQ(power.request(), Power::none);
    EXPECT_EQ(power.read(guest_map::reset_control, now), 0x02);
    write(guest_map::reset_control, 0x06);
    EXPECT_EQ(power.request(), Power::reset);
}

TEST_F(PowerTest, ResetRegisterAsTheFadtNamesIt) {
    write(guest_map::reset_control, guest_map::reset_value);
    EXPECT_EQ(power.request(), Power::reset);
}

TEST_F(PowerTest, KeyboardControllerPulses) {
    for (u32 command : {0xAAu, 0xD1u, 0xEDu, 0xFFu, 0xFDu, 0x60u})
        write(keyboard_command, command);
    EXPECT_EQ(power.request(), Power::none);
    write(keyboard_command, 0xFE);
    EXPECT_EQ(power.request(), Power::reset);
}

TEST_F(PowerTest, PortNinetyTwo) {
    u8 value = power.read(system_control_a, now);
    EXPECT_EQ(value, 0x02); // A20 is on
    write(system_control_a, value | 0x02);
    write(system_control_a, 0x00);
    EXPECT_EQ(power.read(system_control_a, now), 0x02);
    EXPECT_EQ(power.request(), Power::none);
    write(system_control_a, 0x03);
    EXPECT_EQ(power.request(), Power::reset);
}

TEST_F(PowerTest, TheFirstWishStands) {
    write(keyboard_command, 0xFE);
    set_word(control, u32{guest_map::s5_sleep_type} << 10 | 1 << 13);
    EXPECT_EQ(power.request(), Power::reset);
}

} // namespace
} // namespace cloison::core
