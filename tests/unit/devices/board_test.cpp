// SPDX-License-Identifier: Apache-2.0
// The devices wired together: who has which port, how interrupts reach both kinds of controller,
// and when the board wants to be woken.
#include "firmware/core/devices/board.hpp"

#include <gtest/gtest.h>
#include <linux/serial_reg.h>

#include <vector>

namespace cloison::core {
namespace {

constexpr u64 hz = 50'000'000;
constexpr u32 masked = 1 << 16, level = 1 << 15;

struct BoardTest : testing::Test {
    u32 in(u32 port, u32 size = 1) { return board.port_read(static_cast<u16>(port), size, now); }
    void out(u32 port, u32 value, u32 size = 1) {
        board.port_write(static_cast<u16>(port), size, value, now);
    }
    void set_entry(u32 pin, u32 low) {
        board.mmio_write(guest_map::ioapic, 4, 0x10 + 2 * pin);
        board.mmio_write(guest_map::ioapic + 0x10, 4, low);
    }
    std::vector<u8> vectors() {
        std::vector<u8> all;
        while (auto message = board.take_message())
            all.push_back(message->vector);
        return all;
    }
    void initialise_pics(u8 mask1, u8 mask2) {
        for (u32 value : {0x11u, 0x30u, 0x04u, 0x01u})
            out(value == 0x11 ? 0x20 : 0x21, value);
        for (u32 value : {0x11u, 0x38u, 0x02u, 0x01u})
            out(value == 0x11 ? 0xA0 : 0xA1, value);
        out(0x21, mask1);
        out(0xA1, mask2);
    }
    void start_pit(u32 mode, u32 count) {
        out(0x43, 0x30 | mode << 1);
        out(0x40, count & 0xFF);
        out(0x40, count >> 8);
    }
    u64 deadline() { return board.next_deadline(now); }
    void run_to(u64 time) {
        now = time;
        board.advance(now);
    }

    u64 now = 1000;
    Board board{Clock{hz}, 1'700'000'000};
};

TEST_F(BoardTest, StartsQuiet) {
    EXPECT_EQ(deadline(), never);
    EXPECT_FALSE(board.pic_output());
    EXPECT_FALSE(board.take_message());
    EXPECT_FALSE(board.serial_has_output());
    EXPECT_EQ(board.power_request(), Power::none);
}

TEST_F(BoardTest, ClaimsTheGuestsMapAndNothingElse) {
    std::vector<u32> claimed;
    for (u32 port = 0; port < 0x1'0000; ++port)
        if (Board::claims_port(static_cast<u16>(port), 1))
            claimed.push_back(port);
    std::vector<u32> expected{0x20,  0x21,  0x40,  0x41,  0x42,  0x43,  0x61,  0x64,  0x70,  0x71,
                              0x80,  0x92,  0xA0,  0xA1,  0x3F8, 0x3F9, 0x3FA, 0x3FB, 0x3FC, 0x3FD,
                              0x3FE, 0x3FF, 0x4D0, 0x4D1, 0x600, 0x601, 0x602, 0x603, 0x604, 0x605,
                              0x608, 0x609, 0x60A, 0x60B, 0xCF9, 0xCFC, 0xCFD, 0xCFE, 0xCFF};
    EXPECT_EQ(claimed, expected);
    EXPECT_TRUE(Board::claims_port(0xCF8, 4));
    EXPECT_FALSE(Board::claims_port(0xCF8, 1));
    EXPECT_FALSE(Board::claims_port(0xCF8, 2));
    EXPECT_FALSE(Board::claims_port(0xCF9, 2));
    EXPECT_TRUE(Board::claims_port(0x608, 4));
    EXPECT_FALSE(Board::claims_port(0x604, 4)); // two bytes too many
    EXPECT_TRUE(Board::claims_port(0xCFE, 2));
    EXPECT_FALSE(Board::claims_port(0xCFE, 4));
    EXPECT_FALSE(Board::claims_port(0xFFFF, 4));
}

TEST_F(BoardTest, NothingReadsAsAllOnes) {
    for (u32 port : {0x66u, 0x1F0u, 0x2F8u, 0x3D4u, 0xCFAu, 0x1000u, 0xFFFFu}) {
        EXPECT_EQ(in(port, 1), 0xFFu);
        EXPECT_EQ(in(port, 2), 0xFFFFu);
        EXPECT_EQ(in(port, 4), 0xFFFF'FFFFu);
        out(port, 0, 4);
    }
    EXPECT_EQ(in(0x64), 0xFFu); // no keyboard controller
    out(0x80, 0x12);            // but a place for delays
    EXPECT_EQ(board.power_request(), Power::none);
}

TEST_F(BoardTest, WideAccessesAreSplit) {
    out(0x602, 0x0721, 2);
    EXPECT_EQ(in(0x600, 4), 0x0721'0000u);
    EXPECT_EQ(in(0x604, 2), 1u);
    EXPECT_EQ(in(0x604, 4), 0xFFFF'0001u);
    out(0x20, 0xAB00, 2); // command 0 and a mask
    EXPECT_EQ(in(0x21), 0xABu);
    now = 3 * hz;
    EXPECT_EQ(in(0x608, 4), 3 * 3'579'545u);
}

TEST_F(BoardTest, SerialPort) {
    out(0x3F8, 'x');
    EXPECT_TRUE(board.serial_has_output());
    EXPECT_EQ(board.serial_output(now), 'x');
    EXPECT_FALSE(board.serial_output(now));
    EXPECT_TRUE(board.serial_input('y', now));
    EXPECT_FALSE(board.serial_input('z', now)); // the FIFO is off
    EXPECT_EQ(in(0x3F8), u32{'y'});
}

TEST_F(BoardTest, LinuxFindsConfigurationMechanismOneAndAnEmptyBus) { // pci_check_type1
    out(0xCFB, 0x01);
    u32 saved = in(0xCF8, 4);
    out(0xCF8, 0x8000'0000, 4);
    EXPECT_EQ(in(0xCF8, 4), 0x8000'0000u);
    EXPECT_EQ(in(0xCFC, 2), 0xFFFFu); // no vendor
    EXPECT_EQ(in(0xCFE, 2), 0xFFFFu);
    EXPECT_EQ(in(0xCFC, 4), 0xFFFF'FFFFu);
    out(0xCFC, 0x1234'5678, 4);
    EXPECT_EQ(in(0xCFC, 4), 0xFFFF'FFFFu);
    out(0xCF8, ~0u, 4);
    EXPECT_EQ(in(0xCF8, 4), 0x80FF'FFFCu);
    out(0xCF8, saved, 4);
    EXPECT_EQ(in(0xCF8, 4), saved);
    EXPECT_EQ(board.power_request(), Power::none); // a dword is no reset
}

TEST_F(BoardTest, ByteInsideTheAddressRegisterIsTheResetRegister) {
    out(0xCF8, 0x0606, 2);
    EXPECT_EQ(board.power_request(), Power::none);
    out(0xCF9, 0x06);
    EXPECT_EQ(board.power_request(), Power::reset);
}

TEST_F(BoardTest, PowerOffByOneWord) {
    out(0x604, u32{guest_map::s5_sleep_type} << 10 | 1 << 13, 2);
    EXPECT_EQ(board.power_request(), Power::off);
}

TEST_F(BoardTest, MmioRegions) {
    EXPECT_TRUE(board.claims(0xFEC0'0000));
    EXPECT_TRUE(board.claims(0xFEC0'0FFF));
    EXPECT_FALSE(board.claims(0xFEC0'1000));
    EXPECT_FALSE(board.claims(0xFEBF'FFFF));
    EXPECT_TRUE(board.claims(0xE000'0000));
    EXPECT_TRUE(board.claims(0xE00F'FFFF));
    EXPECT_FALSE(board.claims(0xE010'0000));
    EXPECT_FALSE(board.claims(0xFEE0'0000));
    for (u32 size : {1u, 2u, 4u, 8u}) {
        u64 ones = size == 8 ? ~u64{0} : (u64{1} << (8 * size)) - 1;
        board.mmio_write(0xE000'0000, size, 0);
        EXPECT_EQ(board.mmio_read(0xE000'0000, size), ones);
    }
    board.mmio_write(0xFEC0'0000, 4, 1);
    EXPECT_EQ(board.mmio_read(0xFEC0'0010, 4), 0x0017'0011u);
}

TEST_F(BoardTest, TheTimerReachesPinTwoOfTheIoApic) { // check_timer of Linux
    initialise_pics(0xFF, 0xFF);
    start_pit(2, 4773);
    EXPECT_EQ(deadline(), never);
    set_entry(2, 0x30 | masked);
    EXPECT_EQ(deadline(), never);
    set_entry(2, 0x30);
    for (u32 i = 0; i < 10; ++i) {
        ASSERT_NE(deadline(), never);
        run_to(deadline() - 1);
        EXPECT_TRUE(vectors().empty());
        run_to(deadline());
        EXPECT_EQ(vectors(), std::vector<u8>{0x30});
        EXPECT_FALSE(board.pic_output());
    }
    set_entry(2, 0x30 | masked);
    EXPECT_EQ(deadline(), never);
    run_to(now + hz); // ticks under the mask are gone
    set_entry(2, 0x30);
    EXPECT_TRUE(vectors().empty());
}

TEST_F(BoardTest, TheTimerReachesThePicInVirtualWireMode) {
    initialise_pics(0xFE, 0xFF);
    start_pit(2, 4773);
    run_to(now + 1);
    u64 first = deadline();
    run_to(first);
    ASSERT_TRUE(board.pic_output());
    EXPECT_EQ(deadline(), never); // another tick would change nothing
    run_to(now + hz);
    EXPECT_EQ(board.pic_acknowledge(), 0x30); // all those ticks are one
    EXPECT_FALSE(board.pic_output());
    EXPECT_EQ(deadline(), never); // in service: the next one waits for the EOI
    out(0x20, 0x20);
    EXPECT_FALSE(board.pic_output());
    EXPECT_NE(deadline(), never);
    run_to(deadline());
    EXPECT_TRUE(board.pic_output());
    EXPECT_EQ(board.pic_acknowledge(), 0x30);
    now += hz / 100; // two ticks while in service
    out(0x20, 0x20);
    EXPECT_TRUE(board.pic_output());
    EXPECT_TRUE(vectors().empty()); // not delivered twice
}

TEST_F(BoardTest, TicksUnderThePicsMaskAreSeenOnRead) {
    initialise_pics(0xFF, 0xFF);
    EXPECT_EQ(in(0x20), 0x00u);
    start_pit(2, 4773);
    now += hz;
    EXPECT_EQ(deadline(), never);
    out(0x20, 0x0A);
    EXPECT_EQ(in(0x20), 0x01u); // i8259A_irq_pending
    out(0x21, 0xFE);
    EXPECT_TRUE(board.pic_output());
}

TEST_F(BoardTest, InitialisationForgetsEarlierTicks) {
    initialise_pics(0xFF, 0xFF);
    start_pit(2, 4773);
    now += hz;
    initialise_pics(0xFE, 0xFF);
    EXPECT_FALSE(board.pic_output());
    run_to(deadline());
    EXPECT_TRUE(board.pic_output());
}

TEST_F(BoardTest, AControlWordThatRaisesTheOutputInterruptsAtOnce) {
    start_pit(0, 0);
    set_entry(2, 0x30);
    out(0x43, 0x34);
    EXPECT_EQ(vectors(), std::vector<u8>{0x30});
}

TEST_F(BoardTest, TicksDuringALevelTriggeredServiceAreGone) { // nobody uses the timer so
    start_pit(2, 4773);
    set_entry(2, 0x30 | level);
    run_to(deadline());
    EXPECT_EQ(vectors(), std::vector<u8>{0x30});
    EXPECT_EQ(deadline(), never);
    run_to(now + hz);
    board.end_of_interrupt(0x30);
    EXPECT_TRUE(vectors().empty());
    run_to(deadline());
    EXPECT_EQ(vectors(), std::vector<u8>{0x30});
}

TEST_F(BoardTest, TheSerialPortInterruptsThroughEither) {
    initialise_pics(0xEF, 0xFF);
    out(0x3FC, UART_MCR_OUT2);
    out(0x3F9, UART_IER_RDI);
    board.serial_input('a', now);
    ASSERT_TRUE(board.pic_output());
    EXPECT_EQ(board.pic_acknowledge(), 0x34);
    out(0x20, 0x20);
    EXPECT_TRUE(vectors().empty());
    EXPECT_EQ(in(0x3F8), u32{'a'});
    out(0x21, 0xFF);
    set_entry(4, 0x44);
    board.serial_input('b', now);
    EXPECT_EQ(vectors(), std::vector<u8>{0x44});
    EXPECT_FALSE(board.pic_output());
    EXPECT_EQ(in(0x3F8), u32{'b'});
    out(0x3F9, UART_IER_THRI); // the transmitter is empty
    EXPECT_EQ(vectors(), std::vector<u8>{0x44});
    EXPECT_EQ(in(0x3FA), u32{UART_IIR_THRI});
    out(0x3F8, 'x');
    out(0x3F8, 'y');
    (void)vectors();
    (void)in(0x3FA);
    EXPECT_EQ(board.serial_output(now), 'x'); // y goes to the shift register
    EXPECT_EQ(vectors(), std::vector<u8>{0x44});
}

TEST_F(BoardTest, RtcInterruptsUntilItIsRead) {
    set_entry(8, 0x48);
    out(0x70, 0x0B);
    out(0x71, 0x42); // periodic
    for (u32 i = 0; i < 5; ++i) {
        ASSERT_NE(deadline(), never);
        run_to(deadline());
        EXPECT_EQ(vectors(), std::vector<u8>{0x48});
        EXPECT_EQ(deadline(), never);
        out(0x70, 0x0C);
        EXPECT_EQ(in(0x71) & 0xC0, 0xC0u);
    }
    set_entry(8, 0x48 | masked);
    EXPECT_EQ(deadline(), never);
    EXPECT_EQ(in(0x70), 0xFFu);
}

TEST_F(BoardTest, TheSystemControlInterruptIsLevelTriggered) {
    set_entry(9, 0x49 | level);
    out(0x602, 1, 2);
    ASSERT_NE(deadline(), never);
    run_to(deadline());
    auto message = board.take_message();
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->level);
    board.end_of_interrupt(0x49);
    EXPECT_EQ(vectors(), std::vector<u8>{0x49}); // nobody cleared its cause
    out(0x600, 1, 2);
    board.end_of_interrupt(0x49);
    EXPECT_TRUE(vectors().empty());
    EXPECT_NE(deadline(), never);
    out(0x602, 0, 2);
    EXPECT_EQ(deadline(), never);
}

TEST_F(BoardTest, TimeNeverRunsBackwards) {
    now = 10 * hz;
    EXPECT_EQ(in(0x608, 4), 10 * 3'579'545u % 0x100'0000);
    now = 9 * hz;
    EXPECT_EQ(in(0x608, 4), 10 * 3'579'545u % 0x100'0000);
    now = ~u64{0}; // and not beyond its end
    (void)in(0x608, 4);
    set_entry(2, 0x30);
    EXPECT_EQ(deadline(), never);
}

} // namespace
} // namespace cloison::core
