// SPDX-License-Identifier: Apache-2.0
// Drives a board with arbitrary operations, as a hostile guest and its surroundings would, and
// checks after each what must hold whatever they are. For the property tests and the fuzzer.
#pragma once

#include "firmware/core/devices/board.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace cloison::core {

struct Operation {
    enum class Kind : u8 {
        port_read,
        port_write,
        mmio_read,
        mmio_write,
        input,
        output,
        end_of_interrupt,
        acknowledge,
    };
    Kind kind;
    u32 size;
    u64 address;
    u64 value;
    u64 delay; // ticks since the operation before
};

/// What anybody outside the board can see, with the tick when it came to be.
struct Sight {
    enum class Kind : u8 { value, message, pic_output, power };
    u64 tick;
    Kind kind;
    u64 what;
    bool operator==(const Sight&) const = default;
};

/// `source` has bits() and below(n).
template <typename Source>
Operation make_operation(Source& source) {
    using Kind = Operation::Kind;
    static constexpr std::array<u16, 25> ports{
        0x20,  0x21,  0xA0,  0xA1,  0x40,  0x41,  0x42,  0x43,  0x61,  0x70,  0x71,  0x3F8, 0x3F9,
        0x3FA, 0x3FC, 0x3FD, 0x4D0, 0x4D1, 0x600, 0x602, 0x604, 0x608, 0xCF8, 0xCF9, 0xCFC};
    static constexpr std::array<u64, 3> registers{0xFEC0'0000, 0xFEC0'0010, 0xE000'0000};
    Operation op{};
    u32 choice = source.below(32);
    op.kind = choice < 8    ? Kind::port_read
              : choice < 22 ? Kind::port_write
              : choice < 23 ? Kind::mmio_read
              : choice < 28 ? Kind::mmio_write
                            : static_cast<Kind>(static_cast<u32>(Kind::input) + choice - 28);
    u32 wide = source.below(8);
    op.size = wide < 6 ? 1 : wide == 6 ? 2 : 4;
    op.value = source.bits();
    if (op.kind == Kind::mmio_read || op.kind == Kind::mmio_write) {
        op.address = registers[source.below(registers.size())];
        op.size = wide < 7 ? 4 : 8;
        if (op.address == registers[0])
            op.value %= 0x48;
    } else if (source.below(64) == 0) {
        op.address = source.bits() & 0xFFFF;
    } else {
        op.address = ports[source.below(ports.size())];
    }
    // Mostly short, for timers can be set to expire every few ticks.
    u32 longest = source.below(256) == 255 ? 22 : 14;
    op.delay = source.bits() & ((u64{1} << source.below(longest)) - 1);
    return op;
}

class BoardDriver {
  public:
    explicit BoardDriver(u64 tsc_hz) : board_(Clock{tsc_hz}, 1'700'000'000) {}

    /// Lets time pass with an advance at each deadline, as the firmware does.
    void wait(u64 until) {
        for (u64 due = board_.next_deadline(now_); due <= until; due = board_.next_deadline(now_)) {
            bool before = board_.pic_output();
            require(due > now_, "a deadline lies in the past");
            advance(due);
            bool raised = !before && board_.pic_output();
            require(raised || messages_ != 0, "nothing happened at a deadline");
        }
        now_ = until;
    }

    /// Brings all devices up to the present when nobody needs it: by an 8259 command that does
    /// nothing.
    void glance() {
        constexpr u8 ocw2_no_operation = 0x40;
        board_.port_write(guest_map::pic1, 1, ocw2_no_operation, now_);
        look();
    }

    void carry_out(const Operation& op) {
        using Kind = Operation::Kind;
        wait(now_ + op.delay);
        auto port = static_cast<u16>(op.address);
        switch (op.kind) {
        case Kind::port_read:
            read(port, op.size);
            break;
        case Kind::port_write:
            board_.port_write(port, op.size, static_cast<u32>(op.value), now_);
            break;
        case Kind::mmio_read:
            board_.advance(now_);
            see(Sight::Kind::value, board_.mmio_read(op.address, op.size));
            break;
        case Kind::mmio_write:
            board_.advance(now_);
            board_.mmio_write(op.address, op.size, op.value);
            break;
        case Kind::input:
            see(Sight::Kind::value, board_.serial_input(static_cast<u8>(op.value), now_));
            break;
        case Kind::output:
            see(Sight::Kind::value, board_.serial_output(now_).value_or(0));
            break;
        case Kind::end_of_interrupt:
            board_.advance(now_);
            board_.end_of_interrupt(static_cast<u8>(op.value));
            break;
        case Kind::acknowledge:
            board_.advance(now_);
            see(Sight::Kind::value, board_.pic_acknowledge());
            break;
        }
        look();
    }

    [[nodiscard]] u64 now() const { return now_; }
    [[nodiscard]] const std::vector<Sight>& sights() const { return sights_; }
    void forget() { sights_.clear(); }

  private:
    static void require(bool condition, const char* what) {
        if (!condition) {
            std::fprintf(stderr, "%s\n", what);
            std::abort();
        }
    }

    void advance(u64 time) {
        now_ = time;
        board_.advance(now_);
        look();
        require(board_.next_deadline(now_) > now_, "a deadline is not in the future");
    }

    void read(u16 port, u32 size) {
        u32 value = board_.port_read(port, size, now_);
        require(size == 4 || value >> (8 * size) == 0, "a value is wider than the access");
        bool nobody = true;
        for (u32 i = 0; i < size; ++i)
            nobody = nobody && !Board::claims_port(static_cast<u16>(port + i), 1);
        bool ones = value == (size == 4 ? ~u32{0} : (1u << (8 * size)) - 1);
        require(!nobody || Board::claims_port(port, size) || ones, "nothing is not all-ones");
        see(Sight::Kind::value, value);
    }

    void look() {
        messages_ = 0;
        for (; auto message = board_.take_message(); ++messages_)
            see(Sight::Kind::message, message->vector | u64{message->delivery_mode} << 8 |
                                          u64{message->destination} << 16 |
                                          u64{message->level} << 48 | u64{message->logical} << 49);
        require(messages_ <= guest_map::ioapic_pins, "more messages than pins");
        if (board_.pic_output() != pic_output_)
            see(Sight::Kind::pic_output, pic_output_ = !pic_output_);
        if (board_.power_request() != power_)
            see(Sight::Kind::power, static_cast<u64>(power_ = board_.power_request()));
    }

    void see(Sight::Kind kind, u64 what) { sights_.push_back({now_, kind, what}); }

    Board board_;
    u64 now_ = 0;
    u32 messages_ = 0; // at the last look
    bool pic_output_ = false;
    Power power_ = Power::none;
    std::vector<Sight> sights_;
};

} // namespace cloison::core
