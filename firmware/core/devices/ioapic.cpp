// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/ioapic.hpp"

namespace cloison::core {

namespace {

constexpr u64 index_register = 0x00, data_register = 0x10;
constexpr u8 reg_id = 0, reg_version = 1, reg_arbitration = 2, reg_entries = 0x10;
constexpr u32 id_mask = 0x0F00'0000;
constexpr u32 version = 0x11; // without an EOI register, which came with 0x20

// A redirection entry.
constexpr u64 logical_destination = 1 << 11, send_pending = 1 << 12, active_low = 1 << 13,
              remote_irr = 1 << 14, level_trigger = 1 << 15, masked = 1 << 16;
constexpr u64 writable = 0xFF00'0000'0001'AFFF;

u8 delivery_mode(u64 entry) {
    return static_cast<u8>(entry >> 8 & 7);
}

/// Only fixed and lowest-priority interrupts can be level-triggered; the others act on edges
/// whatever the entry says (82093AA, 3.2.4).
bool is_level(u64 entry) {
    return (entry & level_trigger) != 0 && delivery_mode(entry) <= 1;
}

} // namespace

u32 IoApic::read(u64 offset, u32 size) const {
    u32 value = 0;
    if ((offset & ~u64{3}) == index_register)
        value = index_;
    else if ((offset & ~u64{3}) == data_register)
        value = read_register();
    value >>= 8 * (offset & 3);
    return size < 4 ? value & ((1u << (8 * size)) - 1) : value;
}

void IoApic::write(u64 offset, u32 size, u32 value) {
    if (offset == index_register)
        index_ = static_cast<u8>(value);
    else if (offset == data_register && size >= 4)
        write_register(value);
}

u32 IoApic::read_register() const {
    switch (index_) {
    case reg_id:
    case reg_arbitration: // there is no APIC bus to arbitrate for: as loaded with the ID
        return id_;
    case reg_version:
        return version | (pins - 1) << 16;
    default:
        break;
    }
    if (index_ < reg_entries || index_ >= reg_entries + 2 * pins)
        return 0;
    u64 entry = entries_[(index_ - reg_entries) / 2u];
    return static_cast<u32>(index_ % 2 != 0 ? entry >> 32 : entry);
}

void IoApic::write_register(u32 value) {
    if (index_ == reg_id)
        id_ = value & id_mask;
    else if (index_ >= reg_entries && index_ < reg_entries + 2 * pins)
        write_entry((index_ - reg_entries) / 2u, index_ % 2 != 0, value);
}

void IoApic::write_entry(u32 pin, bool high, u32 value) {
    u64& entry = entries_[pin];
    u64 half = high ? 0xFFFF'FFFF'0000'0000 : 0xFFFF'FFFF;
    u64 changes = half & writable;
    entry = (entry & ~changes) | ((high ? u64{value} << 32 : value) & changes);
    // Edge mode has no remote IRR. Linux relies on that to end an interrupt by hand, where there is
    // no EOI register.
    if (!is_level(entry))
        entry &= ~remote_irr;
    serve_level(pin);
}

void IoApic::set_line(u32 pin, bool asserted) {
    u32 bit = 1u << pin;
    bool rises = asserted && (lines_ & bit) == 0;
    lines_ = asserted ? lines_ | bit : lines_ & ~bit;
    if (!rises)
        return;
    // An edge on a masked pin is lost (82093AA, 3.2.4).
    if (is_level(entries_[pin]))
        serve_level(pin);
    else if ((entries_[pin] & masked) == 0)
        send(pin);
}

void IoApic::serve_level(u32 pin) {
    u64& entry = entries_[pin];
    bool asserted = (lines_ >> pin & 1) != 0;
    if (!asserted || !is_level(entry) || (entry & (masked | remote_irr)) != 0)
        return;
    entry |= remote_irr;
    send(pin);
}

void IoApic::send(u32 pin) {
    if ((entries_[pin] & send_pending) != 0)
        return;
    entries_[pin] |= send_pending;
    queue_[(queue_head_ + queue_size_) % pins] = static_cast<u8>(pin);
    ++queue_size_;
}

void IoApic::end_of_interrupt(u8 vector) {
    for (u32 pin = 0; pin < pins; ++pin) {
        if ((entries_[pin] & remote_irr) == 0 || static_cast<u8>(entries_[pin]) != vector)
            continue;
        entries_[pin] &= ~remote_irr;
        serve_level(pin);
    }
}

IoApic::Mode IoApic::mode(u32 pin) const {
    u64 entry = entries_[pin];
    return {static_cast<u8>(entry), is_level(entry), (entry & active_low) != 0,
            (entry & masked) != 0, (entry & remote_irr) != 0};
}

bool IoApic::would_send(u32 pin) const {
    return (entries_[pin] & (masked | remote_irr)) == 0;
}

std::optional<Message> IoApic::take_message() {
    if (queue_size_ == 0)
        return std::nullopt;
    u64& entry = entries_[queue_[queue_head_]];
    queue_head_ = (queue_head_ + 1) % pins;
    --queue_size_;
    entry &= ~send_pending;
    return Message{.destination = static_cast<u32>(entry >> 56),
                   .logical = (entry & logical_destination) != 0,
                   .delivery_mode = delivery_mode(entry),
                   .vector = static_cast<u8>(entry),
                   .level = is_level(entry)};
}

} // namespace cloison::core
