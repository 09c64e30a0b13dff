// SPDX-License-Identifier: Apache-2.0
// The machine's serial line, shared by the firmware's log and the partitions' consoles.
#pragma once

#include "firmware/abi/console.hpp"
#include "firmware/abi/types.hpp"
#include "firmware/x86/lock.hpp"

#include <atomic>
#include <string_view>

namespace cloison::x86 {

/// Bytes on their way from one partition's UART to the line. Putters hold the partition's lock,
/// takers the line's.
class ConsoleRing {
  public:
    [[nodiscard]] bool full() const { return head_.load() - tail_.load() == size; }
    [[nodiscard]] bool empty() const { return head_.load() == tail_.load(); }
    void put(u8 byte) {
        u32 head = head_.load(std::memory_order_relaxed);
        bytes_[head % size] = byte;
        head_.store(head + 1, std::memory_order_release);
    }
    u8 take() {
        u32 tail = tail_.load(std::memory_order_relaxed);
        u8 byte = bytes_[tail % size];
        tail_.store(tail + 1, std::memory_order_release);
        return byte;
    }

  private:
    static constexpr u32 size = 2048;
    std::atomic<u32> head_{0};
    std::atomic<u32> tail_{0};
    u8 bytes_[size];
};

class SerialLine {
  public:
    /// 115200 baud, 8N1, FIFOs on. A machine without a UART at `port` loses its log, not its life.
    void initialise(u16 port);

    /// Sends `line` and a line break on the log's channel, waiting for the line.
    void log(std::string_view line);

    /// Moves what fits into the UART's FIFO, now, from `ring` to `channel`. Never waits.
    void pump(ConsoleRing& ring, u32 channel);

    /// Moves everything, waiting for the line.
    void flush(ConsoleRing& ring, u32 channel);

    /// True when the line holds bytes for receive().
    [[nodiscard]] bool received() const;
    /// Takes a byte from the line; valid where it is one for a channel.
    abi::ConsoleDemux::Output receive();

    /// Has the UART raise its interrupt when bytes arrive.
    void enable_receive_interrupt();

    /// For the last words of a CPU that may have died holding the lock.
    void break_lock() { broken_ = true; }

  private:
    void wait_empty() const;
    void send(u32 channel, u8 byte);
    [[nodiscard]] bool transmitter_empty() const;

    u16 port_ = 0; // 0: no UART
    bool broken_ = false;
    u32 room_ = 0; // bytes that still fit into the transmit FIFO
    Lock lock_;
    abi::ConsoleMux mux_;
    abi::ConsoleDemux demux_;
};

extern SerialLine serial;

/// Ticks that 16 bytes take on the line: how long to leave a full FIFO alone.
u64 serial_burst_ticks(u64 tsc_hz);

} // namespace cloison::x86
