// SPDX-License-Identifier: Apache-2.0
// The I/O APIC as its data sheet and Linux have it.
#include "firmware/core/devices/ioapic.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

constexpr u32 masked = 1 << 16, level = 1 << 15, remote_irr = 1 << 14, send_pending = 1 << 12;

struct IoApicTest : testing::Test {
    u32 reg(u32 index) {
        io.write(0x00, 4, index);
        return io.read(0x10, 4);
    }
    void set_reg(u32 index, u32 value) {
        io.write(0x00, 4, index);
        io.write(0x10, 4, value);
    }
    u32 entry(u32 pin) { return reg(0x10 + 2 * pin); }
    void set_entry(u32 pin, u32 low, u32 high = 0) {
        set_reg(0x11 + 2 * pin, high);
        set_reg(0x10 + 2 * pin, low);
    }
    void pulse(u32 pin) {
        io.set_line(pin, true);
        io.set_line(pin, false);
    }
    void expect_none() { EXPECT_FALSE(io.take_message()); }
    void expect(u8 vector) {
        auto message = io.take_message();
        ASSERT_TRUE(message);
        EXPECT_EQ(message->vector, vector);
    }

    IoApic io;
};

TEST_F(IoApicTest, SaysWhatItIs) {
    EXPECT_EQ(reg(1), 0x0017'0011u); // 24 pins, no EOI register
    EXPECT_EQ(reg(0), 0u);
    set_reg(0, 0xFFFF'FFFF);
    EXPECT_EQ(reg(0), 0x0F00'0000u);
    EXPECT_EQ(reg(2), 0x0F00'0000u);
    set_reg(1, 0);
    EXPECT_EQ(reg(1), 0x0017'0011u);
    for (u32 index : {3u, 0x0Fu, 0x40u, 0xFFu})
        EXPECT_EQ(reg(index), 0u);
    for (u32 pin = 0; pin < 24; ++pin)
        EXPECT_EQ(entry(pin), masked);
}

TEST_F(IoApicTest, KeepsTheWritableBitsOnly) {
    set_entry(5, 0xFFFF'FFFF, 0xFFFF'FFFF);
    EXPECT_EQ(entry(5), 0x0001'AFFFu);
    EXPECT_EQ(reg(0x11 + 10), 0xFF00'0000u);
}

TEST_F(IoApicTest, AccessWidths) {
    io.write(0x00, 1, 0x01); // the index is 8 bits
    EXPECT_EQ(io.read(0x00, 1), 1u);
    EXPECT_EQ(io.read(0x10, 1), 0x11u);
    EXPECT_EQ(io.read(0x12, 2), 0x17u);
    EXPECT_EQ(io.read(0x20, 4), 0u);
    set_reg(0x10, 0x31);
    io.write(0x10, 2, 0x42); // too narrow
    io.write(0x14, 4, 0x42); // nothing there
    EXPECT_EQ(entry(0), 0x31u);
}

TEST_F(IoApicTest, AnEdgeIsOneMessage) {
    set_entry(4, 0x0931, 0x0300'0000); // logical, lowest priority
    io.set_line(4, true);
    auto message = io.take_message();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->vector, 0x31);
    EXPECT_EQ(message->delivery_mode, 1);
    EXPECT_TRUE(message->logical);
    EXPECT_EQ(message->destination, 3u);
    EXPECT_FALSE(message->level);
    io.set_line(4, true);
    expect_none();
    io.set_line(4, false);
    expect_none();
    io.set_line(4, true);
    expect(0x31);
}

TEST_F(IoApicTest, EdgesOnAMaskedPinAreLost) {
    set_entry(4, 0x31 | masked);
    EXPECT_FALSE(io.would_send(4));
    io.set_line(4, true);
    set_entry(4, 0x31);
    EXPECT_TRUE(io.would_send(4));
    expect_none();
    io.set_line(4, false);
    io.set_line(4, true);
    expect(0x31);
}

TEST_F(IoApicTest, MessagesComeInOrderAndNoneIsLost) {
    for (u32 pin = 0; pin < 24; ++pin)
        set_entry(pin, 0x40 + pin);
    for (int round = 0; round < 3; ++round) {
        for (u32 i = 0; i < 24; ++i) {
            u32 pin = i * 7 % 24;
            pulse(pin);
            pulse(pin); // the same message as the one that waits
            EXPECT_EQ(entry(pin), (0x40 + pin) | send_pending);
        }
        for (u32 i = 0; i < 24; ++i)
            expect(static_cast<u8>(0x40 + i * 7 % 24));
        expect_none();
    }
}

TEST_F(IoApicTest, ALevelWaitsForItsEnd) {
    set_entry(9, 0x51 | level);
    io.set_line(9, true);
    EXPECT_EQ(entry(9), 0x51u | level | remote_irr | send_pending);
    auto message = io.take_message();
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->level);
    EXPECT_FALSE(io.would_send(9));
    io.set_line(9, false);
    io.set_line(9, true);
    expect_none();
    io.end_of_interrupt(0x52); // another vector's
    expect_none();
    io.end_of_interrupt(0x51);
    expect(0x51); // the line is still asserted
    io.set_line(9, false);
    io.end_of_interrupt(0x51);
    expect_none();
    EXPECT_EQ(entry(9), 0x51u | level);
}

TEST_F(IoApicTest, ALevelUnderTheMaskWaitsForItsEnd) {
    set_entry(9, 0x51 | level | masked);
    io.set_line(9, true);
    expect_none();
    set_entry(9, 0x51 | level);
    expect(0x51);
    set_entry(9, 0x51 | level | masked);
    io.end_of_interrupt(0x51);
    expect_none();
    set_entry(9, 0x51 | level);
    expect(0x51);
}

TEST_F(IoApicTest, LinuxEndsAnInterruptByHand) { // __eoi_ioapic_pin without EOI register
    set_entry(9, 0x51 | level);
    io.set_line(9, true);
    expect(0x51);
    io.set_line(9, false);
    set_reg(0x10 + 18, 0x51 | masked);
    EXPECT_EQ(entry(9), 0x51u | masked);
    set_reg(0x10 + 18, 0x51 | level);
    EXPECT_EQ(entry(9), 0x51u | level);
    io.set_line(9, true);
    expect(0x51);
}

TEST_F(IoApicTest, SeveralPinsMayShareAVector) {
    set_entry(9, 0x51 | level);
    set_entry(10, 0x51 | level);
    io.set_line(9, true);
    io.set_line(10, true);
    expect(0x51);
    expect(0x51);
    io.set_line(9, false);
    io.end_of_interrupt(0x51);
    expect(0x51); // pin 10 again
    expect_none();
}

TEST_F(IoApicTest, OtherDeliveryModesActOnEdges) {
    set_entry(3, 0x0400 | level); // NMI
    io.set_line(3, true);
    auto message = io.take_message();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->delivery_mode, 4);
    EXPECT_FALSE(message->level);
    EXPECT_EQ(entry(3), 0x0400u | level);
    io.set_line(3, false);
    io.set_line(3, true);
    EXPECT_TRUE(io.take_message());
}

TEST_F(IoApicTest, AMessageThatWaitsSurvivesItsMask) {
    set_entry(4, 0x31);
    pulse(4);
    set_entry(4, 0x31 | masked);
    expect(0x31);
    expect_none();
}

} // namespace
} // namespace cloison::core
