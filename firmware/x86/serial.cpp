// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/serial.hpp"

#include "firmware/x86/instructions.hpp"

#include <linux/serial_reg.h>

namespace cloison::x86 {

namespace {
constexpr u32 baud = 115200;
constexpr u32 fifo_size = 16;
constexpr u32 longest_sequence = 4; // of abi::ConsoleMux
} // namespace

constinit SerialLine serial;

u64 serial_burst_ticks(u64 tsc_hz) {
    return tsc_hz * fifo_size * 10 / baud; // 10 bits a byte on the line
}

void SerialLine::initialise(u16 port) {
    out8(port + UART_SCR, 0x5A);
    if (in8(port + UART_SCR) != 0x5A)
        return;
    port_ = port;
    out8(port + UART_IER, 0);
    out8(port + UART_LCR, UART_LCR_DLAB);
    out8(port + UART_DLL, 1);
    out8(port + UART_DLM, 0);
    out8(port + UART_LCR, UART_LCR_WLEN8);
    out8(port + UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT);
    out8(port + UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
}

bool SerialLine::transmitter_empty() const {
    return (in8(port_ + UART_LSR) & UART_LSR_THRE) != 0;
}

void SerialLine::wait_empty() const {
    while (!transmitter_empty())
        pause();
}

void SerialLine::send(u32 channel, u8 byte) {
    auto sequence = mux_.encode(channel, byte);
    if (room_ < sequence.count) {
        wait_empty();
        room_ = fifo_size;
    }
    for (u32 i = 0; i < sequence.count; ++i)
        out8(port_ + UART_TX, sequence.bytes[i]);
    room_ -= sequence.count;
}

void SerialLine::log(std::string_view line) {
    if (port_ == 0)
        return;
    if (!broken_)
        lock_.lock();
    for (char c : line)
        send(0, static_cast<u8>(c));
    send(0, '\r');
    send(0, '\n');
    if (!broken_)
        lock_.unlock();
}

void SerialLine::pump(ConsoleRing& ring, u32 channel) {
    if (port_ == 0) {
        while (!ring.empty())
            ring.take();
        return;
    }
    if (!lock_.try_lock())
        return;
    if (transmitter_empty())
        room_ = fifo_size;
    while (!ring.empty() && room_ >= longest_sequence)
        send(channel, ring.take());
    lock_.unlock();
}

void SerialLine::flush(ConsoleRing& ring, u32 channel) {
    if (port_ == 0)
        return;
    Guard guard(lock_);
    while (!ring.empty())
        send(channel, ring.take());
}

void SerialLine::enable_receive_interrupt() {
    if (port_ != 0)
        out8(port_ + UART_IER, UART_IER_RDI);
}

bool SerialLine::received() const {
    return port_ != 0 && (in8(port_ + UART_LSR) & UART_LSR_DR) != 0;
}

abi::ConsoleDemux::Output SerialLine::receive() {
    Guard guard(lock_);
    if (!received())
        return {};
    return demux_.feed(in8(port_ + UART_RX));
}

} // namespace cloison::x86
