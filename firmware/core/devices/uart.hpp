// SPDX-License-Identifier: Apache-2.0
// A 16550A UART (National PC16550D) on a line whose other end is the partition's owner: who takes
// bytes out when there is room for them, and puts bytes in when there is room here.
//
// There is no baud rate. The transmitter is as fast as its bytes are taken, so a guest that waits
// for an empty transmitter waits for the owner.
#pragma once

#include "firmware/abi/types.hpp"

#include <array>
#include <atomic>
#include <optional>

namespace cloison::core {

/// A queue of up to N bytes. Its size may be looked at while another CPU works on it.
template <u32 N>
class ByteFifo {
  public:
    [[nodiscard]] u32 size() const { return size_.load(std::memory_order_relaxed); }

    /// False, and nothing changed, when it is full.
    bool push(u8 byte) {
        u32 count = size();
        if (count == N)
            return false;
        bytes_[(head_ + count) % N] = byte;
        size_.store(count + 1, std::memory_order_relaxed);
        return true;
    }
    std::optional<u8> pop() {
        u32 count = size();
        if (count == 0)
            return std::nullopt;
        u8 byte = bytes_[head_];
        head_ = (head_ + 1) % N;
        size_.store(count - 1, std::memory_order_relaxed);
        return byte;
    }
    /// Drops all but the oldest `keep` bytes.
    void truncate(u32 keep) {
        if (size() > keep)
            size_.store(keep, std::memory_order_relaxed);
    }

  private:
    std::array<u8, N> bytes_{};
    u32 head_ = 0;
    std::atomic<u32> size_{0};
};

class Uart {
  public:
    /// Registers 0 to 7, as in linux/serial_reg.h.
    [[nodiscard]] u8 read(u32 reg);
    void write(u32 reg, u8 value);

    /// The interrupt line to the interrupt controllers, which on a PC goes through OUT2.
    [[nodiscard]] bool interrupt() const;

    /// A byte arrives on the line. False when there is no room, or the line is disconnected by
    /// loopback: to be offered again.
    bool receive(u8 byte);
    /// The next byte sent.
    std::optional<u8> take();
    /// May be called while another CPU uses the UART.
    [[nodiscard]] bool has_output() const { return transmitter_.size() != 0; }

  private:
    static constexpr u32 fifo_size = 16;

    [[nodiscard]] bool loopback() const;
    [[nodiscard]] bool fifo_enabled() const { return fifo_control_ != 0; }
    [[nodiscard]] bool holding_empty() const { return transmitter_.size() <= 1; }
    [[nodiscard]] u32 trigger_level() const;
    /// The IIR's interrupt ID for the foremost interrupt, or UART_IIR_NO_INT.
    [[nodiscard]] u8 pending() const;
    [[nodiscard]] u8 modem_inputs() const;
    [[nodiscard]] u8 line_status() const;
    u8 read_identification();
    void transmit(u8 byte);
    void write_fifo_control(u8 value);
    void write_modem_control(u8 value);
    void clear_transmitter();

    ByteFifo<fifo_size> receiver_;
    ByteFifo<fifo_size + 1> transmitter_; // the FIFO and, in front, the shift register
    u8 last_received_ = 0;                // what an empty receiver buffer reads as
    u8 interrupt_enable_ = 0;
    u8 fifo_control_ = 0; // 0 when the FIFOs are off
    u8 line_control_ = 0x03;
    u8 modem_control_ = 0;
    u8 modem_deltas_ = 0;
    u8 scratch_ = 0;
    u16 divisor_ = 1;
    bool overrun_ = false;
    bool holding_interrupt_ = false; // the holding register became empty, and nobody was told
};

} // namespace cloison::core
