// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/board.hpp"

#include "firmware/core/devices/ports.hpp"

#include <algorithm>
#include <bit>

namespace cloison::core {

namespace {

namespace map = guest_map;

constexpr u32 irq_pit = 0, irq_com1 = map::gsi_com1, irq_rtc = map::gsi_rtc, irq_sci = map::gsi_sci;

constexpr u64 ioapic_size = page_size;

constexpr bool in_ioapic(u64 address) {
    return address - map::ioapic < ioapic_size;
}

constexpr u32 pin_of(u32 irq) {
    return irq == irq_pit ? map::gsi_pit : irq;
}

} // namespace

bool Board::claims_port(u16 port, u32 size) {
    if (size == 1)
        return unit_at(port) != Unit::none;
    if (is_pci_address(port, size))
        return true;
    for (u32 i = 0; i < size; ++i)
        if (part_at(u32{port} + i) == Unit::none)
            return false;
    return true;
}

u32 Board::port_read(u16 port, u32 size, u64 now) {
    advance(now);
    if (size == 1)
        return read_byte(port);
    if (is_pci_address(port, size))
        return pci_.read_address();
    if (is_pci_data(port, size))
        return pci_.read_data(port - u32{map::pci_data}, size);
    if (size == 4 && port == map::pm_timer)
        return power_.timer(now_);
    u32 value = 0;
    for (u32 i = 0; i < size; ++i) {
        bool there = part_at(u32{port} + i) != Unit::none;
        u8 byte = there ? read_byte(static_cast<u16>(port + i)) : u8{0xFF};
        value |= u32{byte} << (8 * i);
    }
    return value;
}

void Board::port_write(u16 port, u32 size, u32 value, u64 now) {
    advance(now);
    if (size == 1) {
        write_byte(port, static_cast<u8>(value));
        return;
    }
    if (is_pci_address(port, size)) {
        pci_.write_address(value);
        return;
    }
    if (is_pci_data(port, size)) {
        pci_.write_data(port - u32{map::pci_data}, size, value);
        update_pci_lines();
        return;
    }
    for (u32 i = 0; i < size; ++i)
        if (part_at(u32{port} + i) != Unit::none)
            write_byte(static_cast<u16>(port + i), static_cast<u8>(value >> (8 * i)));
}

u8 Board::read_byte(u16 port) {
    u8 value = 0xFF;
    switch (unit_at(port)) {
    case Unit::pic:
        if (port == map::pic1 || port == map::pic2) { // what is requested is a matter of time
            settle();
            value = pic_.read(port);
            update();
            return value;
        }
        return pic_.read(port);
    case Unit::uart:
        value = uart_.read(port - map::com1);
        update_serial();
        return value;
    case Unit::pit:
        return pit_.read(port, now_);
    case Unit::control_b:
        return pit_.read_control_b(now_);
    case Unit::rtc:
        if (port == map::rtc)
            return value; // the index cannot be read
        value = rtc_.read(now_);
        break;
    case Unit::power:
        value = power_.read(port, now_);
        break;
    case Unit::pci_data:
        return static_cast<u8>(pci_.read_data(port - u32{map::pci_data}, 1));
    case Unit::post_code:
    case Unit::none:
        return value;
    }
    update();
    return value;
}

void Board::write_byte(u16 port, u8 value) {
    switch (unit_at(port)) {
    case Unit::pic:
        settle(); // what rose before a mask changes, rose under the old mask
        pic_.write(port, value);
        break;
    case Unit::uart:
        uart_.write(port - map::com1, value);
        update_serial();
        return;
    case Unit::pit:
        settle();
        pit_.write(port, value, now_);
        settle(); // a control word may raise the output
        return;
    case Unit::control_b:
        pit_.write_control_b(value, now_);
        return;
    case Unit::rtc:
        if (port == map::rtc) {
            rtc_.select(value);
            return;
        }
        rtc_.write(value, now_);
        break;
    case Unit::power:
        power_.write(port, value, now_);
        break;
    case Unit::pci_data:
        pci_.write_data(port - u32{map::pci_data}, 1, value);
        update_pci_lines();
        return;
    case Unit::post_code:
    case Unit::none:
        return;
    }
    update();
}

bool Board::claims(u64 address) const {
    return in_ioapic(address) || map::ecam.contains(address) ||
           (!pci_.empty() && map::pci_window.contains(address));
}

std::optional<Message> Board::take_message() {
    auto message = ioapic_.take_message();
    return message ? message : pci_.take_message();
}

u64 Board::mmio_read(u64 address, u32 size) {
    if (in_ioapic(address))
        return ioapic_.read(address - map::ioapic, size);
    return pci_.read_memory(address, size);
}

void Board::mmio_write(u64 address, u32 size, u64 value) {
    if (!in_ioapic(address)) {
        pci_.write_memory(address, size, value);
        update_pci_lines();
        return;
    }
    settle();
    ioapic_.write(address - map::ioapic, size, static_cast<u32>(value));
    host_pins_.follow();
    update();
}

void Board::end_of_interrupt(u8 vector) {
    settle();
    host_pins_.ended(vector);
    ioapic_.end_of_interrupt(vector);
    host_pins_.follow();
    update();
}

u8 Board::pic_acknowledge() {
    settle();
    u8 vector = pic_.acknowledge();
    update();
    return vector;
}

bool Board::serial_input(u8 byte, u64 now) {
    advance(now);
    bool taken = uart_.receive(byte);
    update_serial();
    return taken;
}

std::optional<u8> Board::serial_output(u64 now) {
    advance(now);
    auto byte = uart_.take();
    update_serial();
    return byte;
}

void Board::advance(u64 now) {
    now_ = std::max(now_, std::min(now, time_limit));
    if (now_ >= deadline_)
        settle();
}

u64 Board::next_deadline(u64 /*now*/) const {
    return deadline_ <= time_limit ? deadline_ : never;
}

/// Brings all devices up to the present, whether their interrupts are wanted or not.
void Board::settle() {
    if (pit_.advance(now_)) {
        // However often it rose: one edge. IRQ 0 is edge-triggered on every PC.
        set_line(irq_pit, true);
        set_line(irq_pit, false);
    }
    rtc_.advance(now_);
    power_.advance(now_);
    update();
}

/// Passes the devices' lines on and works out when something next happens that matters.
void Board::update() {
    set_line(irq_rtc, rtc_.interrupt());
    set_line(irq_sci, power_.sci());
    auto when = [this](u64 tick, u32 irq) { return tick != never && wanted(irq) ? tick : never; };
    deadline_ = std::min({when(pit_.next_rise(), irq_pit), when(rtc_.next_interrupt(), irq_rtc),
                          when(power_.next_sci(), irq_sci)});
    // A level-triggered line that fell may leave room for ticks that nobody wanted while it was up.
    if (deadline_ <= now_)
        settle();
}

/// The UART has no deadlines, so only a change of its line matters to the others.
void Board::update_serial() {
    bool before = (lines_ >> irq_com1 & 1) != 0;
    bool after = uart_.interrupt();
    if (before == after)
        return;
    set_line(irq_com1, after);
    update();
}

void Board::update_pci_lines() {
    u32 lines = pci_.lines();
    for (u32 changed = lines ^ pci_lines_; changed != 0; changed &= changed - 1) {
        auto pin = static_cast<u32>(std::countr_zero(changed));
        ioapic_.set_line(pin, (lines >> pin & 1) != 0);
    }
    pci_lines_ = lines;
}

/// An ISA interrupt line reaches both kinds of controller; the guest masks the one it does not use.
void Board::set_line(u32 irq, bool level) {
    u32 bit = 1u << irq;
    if (((lines_ & bit) != 0) == level)
        return;
    lines_ ^= bit;
    pic_.set_line(irq, level);
    ioapic_.set_line(pin_of(irq), level);
}

bool Board::wanted(u32 irq) const {
    return ioapic_.would_send(pin_of(irq)) || pic_.would_raise(irq);
}

} // namespace cloison::core
