// SPDX-License-Identifier: Apache-2.0
// The 8259s as their data sheet and their users have them.
#include "firmware/core/devices/pic.hpp"

#include "firmware/abi/guest_map.hpp"
#include "tests/unit/devices/dice.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

constexpr u16 command1 = guest_map::pic1, data1 = guest_map::pic1 + 1;
constexpr u16 command2 = guest_map::pic2, data2 = guest_map::pic2 + 1;
constexpr u8 read_irr = 0x0A, read_isr = 0x0B, end = 0x20;

void initialise(Pic& pic, u8 icw4 = 0x01) {
    pic.write(data1, 0xFF);
    pic.write(command1, 0x11);
    pic.write(data1, 0x30);
    pic.write(data1, 0x04);
    pic.write(data1, icw4);
    pic.write(command2, 0x11);
    pic.write(data2, 0x38);
    pic.write(data2, 0x02);
    pic.write(data2, icw4);
    pic.write(data1, 0x00);
    pic.write(data2, 0x00);
}

struct PicTest : testing::Test {
    PicTest() { initialise(pic); }

    void pulse(u32 irq) {
        pic.set_line(irq, true);
        pic.set_line(irq, false);
    }
    u8 service(u16 command) {
        pic.write(command, read_isr);
        return pic.read(command);
    }
    u8 requests(u16 command) {
        pic.write(command, read_irr);
        return pic.read(command);
    }

    Pic pic;
};

TEST(Pic, StartsWithEverythingMasked) {
    Pic pic;
    for (u32 irq = 0; irq < 16; ++irq)
        pic.set_line(irq, true);
    EXPECT_FALSE(pic.output());
    EXPECT_EQ(pic.read(data1), 0xFF);
    EXPECT_EQ(pic.read(data2), 0xFF);
}

TEST(Pic, LinuxFindsIt) { // probe_8259A: the mask must read back
    Pic pic;
    pic.write(data2, 0xFF);
    pic.write(data1, 0xFB);
    EXPECT_EQ(pic.read(data1), 0xFB);
}

TEST_F(PicTest, DeliversTheVectorsOfBothChips) {
    for (u32 irq : {0u, 1u, 3u, 7u, 8u, 12u, 15u}) {
        pulse(irq);
        ASSERT_TRUE(pic.output()) << irq;
        EXPECT_EQ(pic.acknowledge(), 0x30 + irq);
        EXPECT_FALSE(pic.output());
        if (irq >= 8)
            pic.write(command2, end);
        pic.write(command1, end);
    }
}

TEST_F(PicTest, NothingIsDeliveredBeforeInitialisationIsComplete) {
    for (u8 icw : {u8{0x11}, u8{0x30}, u8{0x04}}) {
        pic.write(icw == 0x11 ? command1 : data1, icw);
        pulse(0);
        EXPECT_FALSE(pic.output());
    }
    pic.write(data1, 0x01);
    EXPECT_TRUE(pic.output());
}

TEST_F(PicTest, Icw1WithoutIcw4AndSingleNeedTwoWordsOnly) {
    pic.write(command1, 0x12);
    pic.write(data1, 0x48);
    pic.write(data1, 0xFE); // a mask already
    EXPECT_EQ(pic.read(data1), 0xFE);
    pulse(0);
    EXPECT_EQ(pic.acknowledge(), 0x48);
}

TEST_F(PicTest, LowerLinesWaitAndHigherOnesInterrupt) {
    pulse(3);
    EXPECT_EQ(pic.acknowledge(), 0x33);
    pulse(4);
    pulse(3);
    EXPECT_FALSE(pic.output());
    pulse(1);
    ASSERT_TRUE(pic.output());
    EXPECT_EQ(pic.acknowledge(), 0x31);
    EXPECT_EQ(service(command1), 0x0A);
    pic.write(command1, end); // ends 1, the higher
    EXPECT_EQ(service(command1), 0x08);
    pic.write(command1, 0x60 | 3);
    EXPECT_EQ(service(command1), 0x00);
    EXPECT_EQ(pic.acknowledge(), 0x33);
    pic.write(command1, 0x60 | 3);
    EXPECT_EQ(pic.acknowledge(), 0x34);
}

TEST_F(PicTest, AnEdgeInterruptsOnceHoweverLongTheLineStays) {
    pic.set_line(4, true);
    EXPECT_EQ(pic.acknowledge(), 0x34);
    pic.write(command1, end);
    EXPECT_FALSE(pic.output());
    pic.set_line(4, true);
    EXPECT_FALSE(pic.output());
    pic.set_line(4, false);
    pic.set_line(4, true);
    EXPECT_TRUE(pic.output());
}

TEST_F(PicTest, AnEdgeUnderTheMaskWaitsForItsEnd) {
    pic.write(data1, 0x10);
    pulse(4);
    EXPECT_FALSE(pic.output());
    EXPECT_EQ(requests(command1), 0x10);
    pic.write(data1, 0x00);
    EXPECT_EQ(pic.acknowledge(), 0x34);
    EXPECT_EQ(requests(command1), 0x00);
}

TEST_F(PicTest, LevelInterruptsRepeatUntilTheLineFalls) {
    pic.write(guest_map::elcr + 1, 0x02);
    pic.set_line(9, true);
    EXPECT_EQ(pic.acknowledge(), 0x39);
    EXPECT_FALSE(pic.output());
    pic.write(command2, end);
    pic.write(command1, end);
    ASSERT_TRUE(pic.output());
    EXPECT_EQ(pic.acknowledge(), 0x39);
    pic.set_line(9, false);
    pic.write(command2, end);
    pic.write(command1, end);
    EXPECT_FALSE(pic.output());
    EXPECT_EQ(requests(command2), 0x00);
}

TEST_F(PicTest, SomeLinesAreAlwaysEdgeTriggered) {
    pic.write(guest_map::elcr, 0xFF);
    pic.write(guest_map::elcr + 1, 0xFF);
    EXPECT_EQ(pic.read(guest_map::elcr), 0xF8);
    EXPECT_EQ(pic.read(guest_map::elcr + 1), 0xDE);
}

TEST_F(PicTest, ARequestThatVanishesIsSpurious) {
    EXPECT_EQ(pic.acknowledge(), 0x37);
    EXPECT_EQ(service(command1), 0x00); // Linux tells it from a true IRQ 7 by this
    pulse(10);
    pic.write(data2, 0xFF); // masked between INTR and the acknowledge cycle
    ASSERT_TRUE(pic.output());
    EXPECT_EQ(pic.acknowledge(), 0x3F);
    EXPECT_EQ(service(command2), 0x00);
    EXPECT_EQ(service(command1), 0x04); // so the master alone wants an EOI
}

TEST_F(PicTest, TheSlaveIsNestedInTheMaster) {
    pulse(12);
    EXPECT_EQ(pic.acknowledge(), 0x3C);
    EXPECT_EQ(service(command1), 0x04);
    EXPECT_EQ(service(command2), 0x10);
    pulse(3);
    EXPECT_FALSE(pic.output()); // below the cascade
    pulse(8);
    EXPECT_FALSE(pic.output()); // the cascade itself is in service
    pic.write(command2, end);
    pic.write(command1, end);
    EXPECT_EQ(pic.acknowledge(), 0x38);
}

TEST_F(PicTest, SpecialFullyNestedModeLetsTheSlaveNest) {
    initialise(pic, 0x11);
    pulse(12);
    EXPECT_EQ(pic.acknowledge(), 0x3C);
    pulse(8);
    ASSERT_TRUE(pic.output());
    EXPECT_EQ(pic.acknowledge(), 0x38);
}

TEST_F(PicTest, AutomaticEndOfInterrupt) {
    initialise(pic, 0x03);
    pulse(5);
    pulse(9);
    pulse(11);
    EXPECT_EQ(pic.acknowledge(), 0x39);
    EXPECT_EQ(service(command1), 0x00);
    EXPECT_EQ(pic.acknowledge(), 0x3B); // the cascade is raised anew
    EXPECT_EQ(pic.acknowledge(), 0x35);
    EXPECT_FALSE(pic.output());
}

TEST_F(PicTest, RotationMakesTheServedLineTheLowest) {
    pulse(3);
    EXPECT_EQ(pic.acknowledge(), 0x33);
    pic.write(command1, 0xA0); // rotate on non-specific EOI
    pulse(3);
    pulse(5);
    EXPECT_EQ(pic.acknowledge(), 0x35);
    pic.write(command1, 0xE0 | 5); // rotate on specific EOI: now 6 is the highest
    pulse(5);
    EXPECT_EQ(pic.acknowledge(), 0x33);
    pic.write(command1, end);
    pic.write(command1, 0xC0 | 4); // set priority: 5 is the highest
    pulse(0);
    EXPECT_EQ(pic.acknowledge(), 0x35);
}

TEST_F(PicTest, RotationOnAutomaticEnd) {
    initialise(pic, 0x03);
    pic.write(command1, 0x80);
    pulse(1);
    EXPECT_EQ(pic.acknowledge(), 0x31);
    pulse(1);
    pulse(4);
    EXPECT_EQ(pic.acknowledge(), 0x34);
    pic.write(command1, 0x00);
    EXPECT_EQ(pic.acknowledge(), 0x31);
    pulse(1);
    pulse(5);
    EXPECT_EQ(pic.acknowledge(), 0x35); // 4 is still the lowest
}

TEST_F(PicTest, SpecialMaskModeOpensAllOtherLines) {
    pulse(1);
    EXPECT_EQ(pic.acknowledge(), 0x31);
    pulse(6);
    EXPECT_FALSE(pic.output());
    pic.write(data1, 0x02);
    EXPECT_FALSE(pic.output());
    pic.write(command1, 0x68);
    ASSERT_TRUE(pic.output());
    EXPECT_EQ(pic.acknowledge(), 0x36);
    pic.write(command1, end);
    EXPECT_EQ(service(command1), 0x02); // the masked line is out of reach of a non-specific EOI
    pic.write(command1, 0x48);
    pic.write(command1, end);
    EXPECT_EQ(service(command1), 0x00);
}

TEST_F(PicTest, PollTakesTheRequestIntoService) {
    pic.write(command1, 0x0C);
    EXPECT_EQ(pic.read(command1), 0x00);
    pulse(6);
    pic.write(command1, 0x0C);
    EXPECT_EQ(pic.read(command1), 0x86);
    EXPECT_EQ(service(command1), 0x40);
    EXPECT_FALSE(pic.output());
    pulse(14);
    pic.write(command2, 0x0C);
    EXPECT_EQ(pic.read(command2), 0x86);
}

TEST_F(PicTest, Icw1ForgetsRequestsAndService) {
    pulse(3);
    EXPECT_EQ(pic.acknowledge(), 0x33);
    pulse(4);
    pic.set_line(5, true);
    initialise(pic);
    EXPECT_EQ(requests(command1), 0x00); // line 5 needs a new edge
    EXPECT_EQ(service(command1), 0x00);
    EXPECT_FALSE(pic.output());
}

TEST_F(PicTest, KnowsWhatAnEdgeWouldDo) {
    EXPECT_TRUE(pic.would_raise(0));
    EXPECT_TRUE(pic.would_raise(8));
    pic.write(data1, 0x04);
    EXPECT_FALSE(pic.would_raise(8)); // masked at the cascade
    pic.write(data1, 0x01);
    EXPECT_FALSE(pic.would_raise(0));
    pic.write(data1, 0x00);
    pulse(1);
    EXPECT_FALSE(pic.would_raise(0)); // raised already
    EXPECT_EQ(pic.acknowledge(), 0x31);
    EXPECT_TRUE(pic.would_raise(0));
    EXPECT_FALSE(pic.would_raise(4)); // in the shade of 1
    pic.write(command1, end);
    EXPECT_TRUE(pic.would_raise(4));
}

/// Whatever a guest does, an acknowledge cycle gets the foremost request, found the slow way.
TEST(PicProperty, TheForemostRequestIsAcknowledged) {
    Dice dice(3);
    for (int round = 0; round < 2000; ++round) {
        PicChip chip(0x20, 0, 0);
        u32 lowest = dice.below(8);
        auto mask = static_cast<u8>(dice.word() & dice.word());
        chip.write_data(mask);
        chip.write_command(static_cast<u8>(0xC0 | lowest));
        u32 service = 0, requests = 0;
        for (int step = 0; step < 40; ++step) {
            u32 line = dice.below(8);
            chip.set_line(line, true);
            chip.set_line(line, false);
            requests |= 1u << line;
            u32 expected = 8;
            for (u32 place = 1; place <= 8 && expected == 8; ++place) {
                u32 candidate = (lowest + place) % 8;
                if ((service >> candidate & 1) != 0)
                    break;
                if ((requests & ~mask & 1u << candidate) != 0)
                    expected = candidate;
            }
            ASSERT_EQ(chip.output(), expected < 8);
            if (expected < 8 && dice.one_in(2)) {
                ASSERT_EQ(chip.acknowledge(), expected);
                service |= 1u << expected;
                requests &= ~(1u << expected);
            }
            if (dice.one_in(4)) {
                chip.write_command(static_cast<u8>(0x60 | line));
                service &= ~(1u << line);
            }
        }
    }
}

} // namespace
} // namespace cloison::core
