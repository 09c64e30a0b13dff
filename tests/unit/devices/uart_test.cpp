// SPDX-License-Identifier: Apache-2.0
// The UART as Linux's 8250 driver probes and uses it.
#include "firmware/core/devices/uart.hpp"

#include <gtest/gtest.h>
#include <linux/serial_reg.h>

#include <string>

namespace cloison::core {
namespace {

struct UartTest : testing::Test {
    u8 in(u32 reg) { return uart.read(reg); }
    void out(u32 reg, u32 value) { uart.write(reg, static_cast<u8>(value)); }
    std::string drain() {
        std::string text;
        while (auto byte = uart.take())
            text += static_cast<char>(*byte);
        return text;
    }
    void enable(u32 interrupts) {
        out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_8);
        out(UART_MCR, UART_MCR_OUT2 | UART_MCR_RTS | UART_MCR_DTR);
        out(UART_IER, interrupts);
    }

    Uart uart;
};

TEST_F(UartTest, StartsQuiet) {
    EXPECT_EQ(in(UART_LSR), UART_LSR_TEMT | UART_LSR_THRE);
    EXPECT_EQ(in(UART_IIR), UART_IIR_NO_INT);
    EXPECT_EQ(in(UART_MSR), UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS);
    EXPECT_EQ(in(UART_IER), 0);
    EXPECT_FALSE(uart.interrupt());
    EXPECT_FALSE(uart.has_output());
}

/// What drivers/tty/serial/8250/8250_port.c, autoconfig(), finds out, step by step.
TEST_F(UartTest, LinuxDetectsA16550A) {
    u8 saved_ier = in(UART_IER);
    out(UART_IER, 0);
    EXPECT_EQ(in(UART_IER)&0x0F, 0x00);
    out(UART_IER, 0x0F);
    EXPECT_EQ(in(UART_IER)&0x0F, 0x0F);
    out(UART_IER, saved_ier);

    u8 saved_mcr = in(UART_MCR), saved_lcr = in(UART_LCR);
    out(UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
    EXPECT_EQ(in(UART_MSR)&0xF0, UART_MSR_DCD | UART_MSR_CTS);
    out(UART_MCR, saved_mcr);

    out(UART_LCR, UART_LCR_CONF_MODE_B);
    out(UART_EFR, 0);
    out(UART_LCR, 0);
    out(UART_FCR, UART_FCR_ENABLE_FIFO);
    EXPECT_EQ(in(UART_IIR) >> 6, 3); // a 16550A or better

    out(UART_LCR, UART_LCR_CONF_MODE_A);
    EXPECT_NE(in(UART_EFR), 0); // not an ST16650
    out(UART_LCR, UART_LCR_CONF_MODE_B);
    EXPECT_NE(in(UART_EFR), 0); // nor a 16650V2 or 16850

    out(UART_LCR, 0); // nor a National Super I/O: MCR's loop bit is not in register 2
    u8 mcr = in(UART_MCR);
    out(UART_LCR, 0xE0);
    u8 bank = in(0x02);
    EXPECT_EQ((bank ^ mcr) & UART_MCR_LOOP, 0);
    out(UART_LCR, 0);
    out(UART_MCR, mcr ^ UART_MCR_LOOP);
    out(UART_LCR, 0xE0);
    bank = in(0x02);
    out(UART_LCR, 0);
    out(UART_MCR, mcr);
    EXPECT_EQ((bank ^ mcr) & UART_MCR_LOOP, 0);

    out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR7_64BYTE); // nor a 16750
    EXPECT_EQ(in(UART_IIR) >> 5, 6);
    out(UART_FCR, UART_FCR_ENABLE_FIFO);
    out(UART_LCR, UART_LCR_CONF_MODE_A);
    out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR7_64BYTE);
    EXPECT_EQ(in(UART_IIR) >> 5, 6);
    out(UART_FCR, UART_FCR_ENABLE_FIFO);
    out(UART_LCR, 0);

    u8 ier = in(UART_IER); // nor an XScale
    out(UART_IER, ier | UART_IER_UUE);
    EXPECT_EQ(in(UART_IER)&UART_IER_UUE, 0);
    out(UART_IER, ier);

    out(UART_LCR, saved_lcr);
    EXPECT_EQ(in(UART_LCR), saved_lcr);
    EXPECT_EQ(drain(), ""); // nothing of that went out
}

TEST_F(UartTest, LinuxFindsAFifoOfSixteen) { // size_fifo()
    out(UART_LCR, 0);
    out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT);
    out(UART_MCR, UART_MCR_LOOP);
    out(UART_LCR, UART_LCR_CONF_MODE_A);
    out(UART_DLL, 1);
    out(UART_DLM, 0);
    out(UART_LCR, UART_LCR_WLEN8);
    for (u32 i = 0; i < 256; ++i)
        out(UART_TX, i);
    u32 count = 0;
    for (; (in(UART_LSR)&UART_LSR_DR) != 0 && count < 256; ++count)
        EXPECT_EQ(in(UART_RX), count);
    EXPECT_EQ(count, 16u);
    EXPECT_EQ(drain(), "");
}

TEST_F(UartTest, LinuxFindsNoTransmitterBugs) { // serial8250_do_startup()
    enable(0);
    out(UART_IER, UART_IER_THRI);
    u8 first = in(UART_IIR);
    out(UART_IER, 0);
    out(UART_IER, UART_IER_THRI);
    u8 second = in(UART_IIR);
    out(UART_IER, 0);
    EXPECT_EQ(first, 0xC0 | UART_IIR_THRI);
    EXPECT_EQ(second, 0xC0 | UART_IIR_THRI); // UART_BUG_THRE: not raised again

    out(UART_IER, UART_IER_THRI);
    u8 lsr = in(UART_LSR), iir = in(UART_IIR);
    out(UART_IER, 0);
    EXPECT_NE(lsr & UART_LSR_TEMT, 0);
    EXPECT_EQ(iir & UART_IIR_NO_INT, 0); // UART_BUG_TXEN: empty without interrupt
}

TEST_F(UartTest, OnlyEnablingRaisesTheTransmittersInterrupt) {
    enable(UART_IER_THRI);
    EXPECT_EQ(in(UART_IIR), 0xC0 | UART_IIR_THRI);
    out(UART_IER, UART_IER_THRI | UART_IER_RDI);
    EXPECT_EQ(in(UART_IIR), 0xC0 | UART_IIR_NO_INT);
}

TEST_F(UartTest, DivisorLatchAndScratch) {
    out(UART_LCR, UART_LCR_DLAB | UART_LCR_WLEN8);
    out(UART_DLL, 0x34);
    out(UART_DLM, 0x12);
    EXPECT_EQ(in(UART_DLL), 0x34);
    EXPECT_EQ(in(UART_DLM), 0x12);
    out(UART_LCR, UART_LCR_WLEN8);
    EXPECT_EQ(in(UART_IER), 0);
    EXPECT_FALSE(uart.has_output());
    out(UART_SCR, 0xA5);
    EXPECT_EQ(in(UART_SCR), 0xA5);
    EXPECT_EQ(uart.read(8), 0xFF);
}

TEST_F(UartTest, WhatIsWrittenIsTaken) {
    std::string text = "Linux version";
    for (char c : text) {
        while ((in(UART_LSR)&UART_LSR_THRE) == 0)
            FAIL();
        out(UART_TX, static_cast<u8>(c));
        EXPECT_TRUE(uart.has_output());
        EXPECT_EQ(uart.take(), static_cast<u8>(c));
    }
    EXPECT_FALSE(uart.take());
}

TEST_F(UartTest, TheTransmitterIsEmptyWhenItsBytesAreTaken) {
    enable(0);
    out(UART_TX, 'a'); // into the shift register
    EXPECT_EQ(in(UART_LSR), UART_LSR_THRE);
    for (u32 i = 0; i < 16; ++i) {
        out(UART_TX, 'b' + i);
        EXPECT_EQ(in(UART_LSR), 0);
    }
    out(UART_TX, '!'); // no room: lost
    for (u32 i = 0; i < 15; ++i) {
        EXPECT_EQ(uart.take(), 'a' + i);
        EXPECT_EQ(in(UART_LSR), 0);
    }
    EXPECT_EQ(uart.take(), 'p');
    EXPECT_EQ(in(UART_LSR), UART_LSR_THRE);
    EXPECT_EQ(uart.take(), 'q');
    EXPECT_EQ(in(UART_LSR), UART_LSR_THRE | UART_LSR_TEMT);
    EXPECT_FALSE(uart.take());
}

/// Linux's interrupt handler and a slow line: every byte comes out, driven by interrupts alone.
TEST_F(UartTest, InterruptDrivenOutput) {
    enable(UART_IER_THRI);
    std::string sent, got;
    for (u32 i = 0; i < 1000; ++i)
        sent += static_cast<char>('a' + i % 26);
    usize next = 0;
    u32 interrupts = 0;
    while (next < sent.size()) {
        for (u32 idle = 0; !uart.interrupt(); ++idle) {
            ASSERT_LT(idle, 20u) << "no interrupt with an empty transmitter";
            if (auto byte = uart.take())
                got += static_cast<char>(*byte);
        }
        ++interrupts;
        EXPECT_EQ(in(UART_IIR), 0xC0 | UART_IIR_THRI);
        EXPECT_EQ(in(UART_IIR), 0xC0 | UART_IIR_NO_INT); // reading it cleared it
        EXPECT_FALSE(uart.interrupt());
        ASSERT_NE(in(UART_LSR)&UART_LSR_THRE, 0);
        for (u32 i = 0; i < 16 && next < sent.size(); ++i)
            out(UART_TX, static_cast<u8>(sent[next++]));
    }
    got += drain();
    EXPECT_EQ(got, sent);
    EXPECT_LE(interrupts, 1000u / 16 + 2);
}

TEST_F(UartTest, ReceivesUpToItsTriggerLevel) {
    enable(UART_IER_RDI);
    EXPECT_FALSE(uart.interrupt());
    for (u8 i = 0; i < 7; ++i) {
        EXPECT_TRUE(uart.receive(i));
        EXPECT_TRUE(uart.interrupt());
        EXPECT_EQ(in(UART_IIR), 0xC0 | UART_IIR_RX_TIMEOUT);
    }
    for (u8 i = 7; i < 16; ++i) {
        EXPECT_TRUE(uart.receive(i));
        EXPECT_EQ(in(UART_IIR), 0xC0 | UART_IIR_RDI);
    }
    EXPECT_FALSE(uart.receive(99)); // offered again later, so nothing is overrun
    EXPECT_EQ(in(UART_LSR)&UART_LSR_OE, 0);
    for (u8 i = 0; i < 16; ++i) {
        EXPECT_NE(in(UART_LSR)&UART_LSR_DR, 0);
        EXPECT_EQ(in(UART_RX), i);
    }
    EXPECT_EQ(in(UART_LSR)&UART_LSR_DR, 0);
    EXPECT_FALSE(uart.interrupt());
    EXPECT_EQ(in(UART_RX), 15); // an empty buffer keeps its last byte
    EXPECT_TRUE(uart.receive(99));
}

TEST_F(UartTest, WithoutFifoOneByteIsReceived) {
    out(UART_MCR, UART_MCR_OUT2);
    out(UART_IER, UART_IER_RDI);
    EXPECT_TRUE(uart.receive('x'));
    EXPECT_FALSE(uart.receive('y'));
    EXPECT_EQ(in(UART_IIR), UART_IIR_RDI);
    EXPECT_EQ(in(UART_RX), 'x');
    EXPECT_TRUE(uart.receive('y'));
}

TEST_F(UartTest, Out2GatesTheInterruptLine) {
    enable(UART_IER_RDI);
    uart.receive('x');
    EXPECT_TRUE(uart.interrupt());
    out(UART_MCR, 0);
    EXPECT_FALSE(uart.interrupt());
    EXPECT_EQ(in(UART_IIR), 0xC0 | UART_IIR_RX_TIMEOUT);
    out(UART_MCR, UART_MCR_OUT2 | UART_MCR_LOOP);
    EXPECT_FALSE(uart.interrupt());
}

TEST_F(UartTest, PrioritiesOfInterrupts) {
    enable(0x0F);
    out(UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2);
    for (u32 i = 0; i < 17; ++i)
        out(UART_TX, i);
    EXPECT_EQ(in(UART_IIR)&0x0F, UART_IIR_RLSI); // overrun
    EXPECT_NE(in(UART_LSR)&UART_LSR_OE, 0);
    EXPECT_EQ(in(UART_LSR)&UART_LSR_OE, 0);
    EXPECT_EQ(in(UART_IIR)&0x0F, UART_IIR_RDI);
    out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR);
    EXPECT_EQ(in(UART_IIR)&0x0F, UART_IIR_THRI);
    EXPECT_EQ(in(UART_IIR)&0x0F, UART_IIR_MSI); // CTS and DSR went when loopback came
    EXPECT_EQ(in(UART_MSR)&UART_MSR_ANY_DELTA, UART_MSR_DCTS | UART_MSR_DDSR);
    EXPECT_EQ(in(UART_IIR)&0x0F, UART_IIR_NO_INT);
}

TEST_F(UartTest, ModemStatusInLoopback) {
    out(UART_MCR, UART_MCR_LOOP);
    (void)in(UART_MSR);
    struct Wire {
        u8 output, input, delta;
    };
    for (Wire w :
         {Wire{UART_MCR_RTS, UART_MSR_CTS, UART_MSR_DCTS},
          Wire{UART_MCR_DTR, UART_MSR_DSR, UART_MSR_DDSR}, Wire{UART_MCR_OUT1, UART_MSR_RI, 0},
          Wire{UART_MCR_OUT2, UART_MSR_DCD, UART_MSR_DDCD}}) {
        out(UART_MCR, UART_MCR_LOOP | w.output);
        EXPECT_EQ(in(UART_MSR), w.input | w.delta);
        EXPECT_EQ(in(UART_MSR), w.input);
        out(UART_MCR, UART_MCR_LOOP);
        EXPECT_EQ(in(UART_MSR), w.delta != 0 ? w.delta : UART_MSR_TERI);
    }
    EXPECT_FALSE(uart.receive('x')); // the line is disconnected
}

TEST_F(UartTest, ClearingSparesTheShiftRegister) {
    enable(UART_IER_THRI);
    (void)in(UART_IIR);
    out(UART_TX, 'a');
    out(UART_TX, 'b');
    out(UART_TX, 'c');
    EXPECT_FALSE(uart.interrupt());
    out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_XMIT);
    EXPECT_TRUE(uart.interrupt());
    EXPECT_EQ(in(UART_LSR), UART_LSR_THRE);
    EXPECT_EQ(drain(), "a");
    uart.receive('x');
    out(UART_FCR, 0); // turning the FIFOs off clears them
    EXPECT_EQ(in(UART_LSR)&UART_LSR_DR, 0);
    EXPECT_EQ(in(UART_IIR) >> 6, 0);
}

} // namespace
} // namespace cloison::core
