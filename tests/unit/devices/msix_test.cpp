// SPDX-License-Identifier: Apache-2.0
// MSI-X: the messages that entries make, masks and pending bits.
#include "firmware/core/devices/msix.hpp"

#include <gtest/gtest.h>
#include <linux/pci_regs.h>

#include <vector>

namespace cloison::core {
namespace {

TEST(MessageOfWrite, AsTheManualHasIt) { // SDM vol. 3A, 11.11
    auto message = message_of_write(0xFEE0'3000, 0x41);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->destination, 3u);
    EXPECT_FALSE(message->logical);
    EXPECT_EQ(message->delivery_mode, 0);
    EXPECT_EQ(message->vector, 0x41);
    EXPECT_FALSE(message->level);
    message = message_of_write(0xFEEF'F004, 0xC1FF);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->destination, 0xFFu);
    EXPECT_TRUE(message->logical);
    EXPECT_EQ(message->delivery_mode, 1);
    EXPECT_TRUE(message->level);
}

TEST(MessageOfWrite, TheHintAsksForOneOfALogicalDestination) {
    EXPECT_EQ(message_of_write(0xFEE0'300C, 0x41)->delivery_mode, 1);
    EXPECT_EQ(message_of_write(0xFEE0'3008, 0x41)->delivery_mode, 0);
    EXPECT_EQ(message_of_write(0xFEE0'300C, 0x441)->delivery_mode, 4) << "an NMI stays one";
}

TEST(MessageOfWrite, WhatIsNoInterrupt) {
    for (u64 address : {0x0ull, 0xFED0'0000ull, 0xFEF0'0000ull, 0x1'FEE0'0000ull})
        EXPECT_FALSE(message_of_write(address, 0x41)) << std::hex << address;
    EXPECT_FALSE(message_of_write(0xFEE0'0000, 0x8041)) << "level, deasserted";
    EXPECT_FALSE(message_of_write(0xFEE0'0000, 0x341)) << "reserved";
    EXPECT_FALSE(message_of_write(0xFEE0'0000, 0x641)) << "startup is for IPIs";
    EXPECT_FALSE(message_of_write(0xFEE0'0000, 0xC441)->level) << "an NMI is an edge";
}

struct MsixTest : testing::Test {
    MsixTest() {
        for (u32 i = 0; i < 3; ++i) {
            table.write_table(16 * i, 0xFEE0'0000);
            table.write_table(16 * i + 8, 0x40 + i);
        }
    }
    void mask(u32 vector, bool on) { table.write_table(16 * vector + 12, on); }
    void open() { table.control(true, false, true); }
    std::vector<u8> vectors() {
        std::vector<u8> all;
        while (auto message = table.take_message())
            all.push_back(message->vector);
        return all;
    }
    using Vectors = std::vector<u8>;

    MsixTable table{3};
};

TEST_F(MsixTest, EntriesStartMaskedAndKeepWhatTheyHave) {
    EXPECT_EQ(table.read_table(12), 1u);
    table.write_table(0, ~0u);
    table.write_table(4, 0x1234'5678);
    table.write_table(8, 0x9ABC'DEF0);
    table.write_table(12, 0xFFFF'FFFE);
    EXPECT_EQ(table.read_table(0), 0xFFFF'FFFCu);
    EXPECT_EQ(table.read_table(4), 0x1234'5678u);
    EXPECT_EQ(table.read_table(8), 0x9ABC'DEF0u);
    EXPECT_EQ(table.read_table(12), 0u);
    EXPECT_EQ(table.read_table(16), 0xFEE0'0000u);
    EXPECT_EQ(table.read_table(48), ~0u); // behind the table
    table.write_table(48, 1);
    EXPECT_EQ(table.read_pending(0), 0u);
    EXPECT_EQ(table.read_pending(4), 0u);
    EXPECT_EQ(table.read_pending(8), ~0u);
}

TEST_F(MsixTest, AnInterruptIsOneMessage) {
    mask(1, false);
    open();
    table.raise(1);
    table.raise(1); // not taken yet: the same
    EXPECT_EQ(vectors(), Vectors{0x41});
    EXPECT_EQ(vectors(), Vectors{});
    EXPECT_EQ(table.read_pending(0), 0u);
    table.raise(3); // there is none
    table.raise(31);
    EXPECT_EQ(vectors(), Vectors{});
}

TEST_F(MsixTest, UnderItsMaskAnInterruptIsPending) {
    open();
    table.raise(0);
    table.raise(2);
    EXPECT_EQ(vectors(), Vectors{});
    EXPECT_EQ(table.read_pending(0), 0b101u);
    mask(2, false);
    EXPECT_EQ(vectors(), Vectors{0x42});
    EXPECT_EQ(table.read_pending(0), 0b001u);
    mask(2, true);
    mask(0, false);
    EXPECT_EQ(vectors(), Vectors{0x40});
}

TEST_F(MsixTest, UnderTheFunctionsMaskAndWithoutBusMasteringToo) {
    mask(0, false);
    mask(1, false);
    table.control(true, true, true);
    table.raise(0);
    EXPECT_EQ(vectors(), Vectors{});
    table.control(true, false, false);
    table.raise(1);
    EXPECT_EQ(vectors(), Vectors{});
    EXPECT_EQ(table.read_pending(0), 0b11u);
    open();
    EXPECT_EQ(vectors(), (Vectors{0x40, 0x41}));
}

TEST_F(MsixTest, DisabledThereIsNothing) {
    mask(0, false);
    table.raise(0);
    open();
    EXPECT_EQ(vectors(), Vectors{});
    mask(0, true);
    table.raise(0);
    table.control(false, false, true);
    EXPECT_EQ(table.read_pending(0), 0u);
    open();
    mask(0, false);
    EXPECT_EQ(vectors(), Vectors{});
}

TEST_F(MsixTest, EntriesThatMakeNoMessageAreSkipped) {
    for (u32 i = 0; i < 3; ++i)
        mask(i, false);
    table.write_table(0, 0x1000); // into memory
    open();
    for (u32 i = 0; i < 3; ++i)
        table.raise(i);
    EXPECT_EQ(vectors(), (Vectors{0x41, 0x42}));
}

} // namespace
} // namespace cloison::core
