// SPDX-License-Identifier: Apache-2.0
// The I/O APIC (Intel 82093AA, 290566): 24 pins, each with an entry that says what message its
// interrupt becomes.
#pragma once

#include "firmware/abi/guest_map.hpp"
#include "firmware/abi/types.hpp"

#include <array>
#include <optional>

namespace cloison::core {

/// An interrupt on its way to the local APICs.
struct Message {
    u32 destination;  // 8 bits: APIC ID, or logical destination
    bool logical;     // how to read the destination
    u8 delivery_mode; // as in the ICR, 0 to 7 (SDM vol. 3A, 11.6.1)
    u8 vector;
    bool level; // its end must be announced by end_of_interrupt()
};

class IoApic {
  public:
    /// Offsets from guest_map::ioapic. Registers are 32 bits wide; narrower reads get their part,
    /// narrower writes work for the index register only, whose use is 8 bits.
    [[nodiscard]] u32 read(u64 offset, u32 size) const;
    void write(u64 offset, u32 size, u32 value);

    /// The line of `pin`, whatever its electric polarity: asserted or not.
    void set_line(u32 pin, bool asserted);
    /// The local APICs' broadcast that a level-triggered interrupt has ended.
    void end_of_interrupt(u8 vector);
    /// How the guest has set `pin`.
    struct Mode {
        u8 vector;
        bool level, active_low, masked;
        bool in_service; // level-triggered, sent, and not ended yet
    };
    [[nodiscard]] Mode mode(u32 pin) const;
    /// True when asserting `pin` anew would send a message.
    [[nodiscard]] bool would_send(u32 pin) const;

    /// The next message, in order. Until it is taken, the pin shows "send pending" and further
    /// interrupts of the pin are the same message, as in a local APIC that has the vector pending.
    std::optional<Message> take_message();

  private:
    static constexpr u32 pins = guest_map::ioapic_pins;

    [[nodiscard]] u32 read_register() const;
    void write_register(u32 value);
    void write_entry(u32 pin, bool high, u32 value);
    /// Sends what a level-triggered pin has to send.
    void serve_level(u32 pin);
    void send(u32 pin);

    u8 index_ = 0;
    u32 id_ = 0;
    u32 lines_ = 0; // asserted pins
    std::array<u64, pins> entries_ = make_reset_entries();
    // Pins with a message to take, in order; each at most once, so it never overflows.
    std::array<u8, pins> queue_{};
    u32 queue_head_ = 0;
    u32 queue_size_ = 0;

    static constexpr std::array<u64, pins> make_reset_entries() {
        std::array<u64, pins> entries{};
        entries.fill(1 << 16); // masked
        return entries;
    }
};

} // namespace cloison::core
