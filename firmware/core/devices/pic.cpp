// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/pic.hpp"

#include "firmware/abi/guest_map.hpp"

#include <bit>

namespace cloison::core {

namespace {

constexpr u8 icw1 = 0x10, icw1_single = 0x02, icw1_icw4 = 0x01;
constexpr u8 icw4_fully_nested = 0x10, icw4_auto_eoi = 0x02;
constexpr u8 ocw3 = 0x08, ocw3_poll = 0x04, ocw3_read = 0x02, ocw3_service = 0x01;
constexpr u8 ocw3_set_special_mask = 0x40, ocw3_special_mask = 0x20;
constexpr u8 poll_interrupt = 0x80;

u8 bit(u32 line) {
    return static_cast<u8>(1u << line);
}

} // namespace

/// An edge stays latched until it is acknowledged, even if its line falls: a device may raise and
/// lower its line while the guest does not run, and the I/O APIC would not take its message back
/// either. A level-triggered request goes when its line does.
void PicChip::set_line(u32 line, bool level) {
    if (level)
        latched_ |= static_cast<u8>(bit(line) & ~lines_);
    lines_ = static_cast<u8>(level ? lines_ | bit(line) : lines_ & ~bit(line));
}

u32 PicChip::rank(u8 bits) const {
    return static_cast<u32>(std::countr_zero(std::rotr(bits, lowest_ + 1)));
}

u32 PicChip::candidate() const {
    u8 blocking = service_;
    if (special_mask_)
        blocking &= static_cast<u8>(~mask_);
    if (fully_nested_)
        blocking &= static_cast<u8>(~cascade_);
    u32 next = rank(static_cast<u8>(requests() & ~mask_));
    if (next_icw_ != 0 || next >= rank(blocking))
        return lines;
    return line_of_rank(next);
}

u32 PicChip::acknowledge() {
    u32 line = candidate();
    if (line == lines)
        return spurious_line;
    latched_ &= static_cast<u8>(~bit(line));
    if (!auto_eoi_)
        service_ |= bit(line);
    else if (rotate_on_auto_eoi_)
        lowest_ = static_cast<u8>(line);
    return line;
}

u8 PicChip::read_command() {
    if (poll_) {
        poll_ = false;
        return output() ? static_cast<u8>(poll_interrupt | acknowledge()) : u8{0};
    }
    return read_service_ ? service_ : requests();
}

void PicChip::write_command(u8 value) {
    if ((value & icw1) != 0)
        initialise(value);
    else if ((value & ocw3) != 0)
        write_ocw3(value);
    else
        write_ocw2(value);
}

void PicChip::write_data(u8 value) {
    switch (next_icw_) {
    case 2:
        base_ = value & 0xF8;
        next_icw_ = !single_ ? 3 : needs_icw4_ ? 4 : 0;
        break;
    case 3: // who is wired to whom does not change
        next_icw_ = needs_icw4_ ? 4 : 0;
        break;
    case 4:
        auto_eoi_ = (value & icw4_auto_eoi) != 0;
        fully_nested_ = (value & icw4_fully_nested) != 0;
        next_icw_ = 0;
        break;
    default:
        mask_ = value;
        break;
    }
}

/// ICW1: what the data sheet lists, and nothing stays in service. Its LTIM bit is void where there
/// is an ELCR.
void PicChip::initialise(u8 value) {
    latched_ = 0;
    mask_ = 0;
    service_ = 0;
    lowest_ = 7;
    special_mask_ = false;
    read_service_ = false;
    poll_ = false;
    auto_eoi_ = false;
    fully_nested_ = false;
    single_ = (value & icw1_single) != 0;
    needs_icw4_ = (value & icw1_icw4) != 0;
    next_icw_ = 2;
}

void PicChip::write_ocw2(u8 value) {
    bool rotate = (value & 0x80) != 0;
    bool specific = (value & 0x40) != 0;
    bool end = (value & 0x20) != 0;
    u32 line = value & 7;
    if (!end) {
        if (!specific)
            rotate_on_auto_eoi_ = rotate;
        else if (rotate)
            lowest_ = static_cast<u8>(line);
        return;
    }
    if (!specific) {
        // A line masked in special mask mode is out of reach of this command.
        u32 foremost = rank(special_mask_ ? static_cast<u8>(service_ & ~mask_) : service_);
        if (foremost == lines)
            return;
        line = line_of_rank(foremost);
    }
    service_ &= static_cast<u8>(~bit(line));
    if (rotate)
        lowest_ = static_cast<u8>(line);
}

void PicChip::write_ocw3(u8 value) {
    if ((value & ocw3_set_special_mask) != 0)
        special_mask_ = (value & ocw3_special_mask) != 0;
    poll_ = (value & ocw3_poll) != 0;
    if (!poll_ && (value & ocw3_read) != 0)
        read_service_ = (value & ocw3_service) != 0;
}

void Pic::set_line(u32 irq, bool level) {
    if (irq < 8) {
        master_.set_line(irq, level);
    } else {
        slave_.set_line(irq - 8, level);
        cascade();
    }
}

u8 Pic::read(u16 port) {
    u8 value = 0xFF;
    switch (port) {
    case guest_map::pic1 + 1:
        return master_.read_data();
    case guest_map::pic2 + 1:
        return slave_.read_data();
    case guest_map::pic1:
        return master_.read_command();
    case guest_map::pic2:
        value = slave_.read_command();
        cascade(); // a poll takes a request into service
        return value;
    case guest_map::elcr:
        return master_.read_elcr();
    case guest_map::elcr + 1:
        return slave_.read_elcr();
    default:
        return value;
    }
}

void Pic::write(u16 port, u8 value) {
    switch (port) {
    case guest_map::pic1:
        master_.write_command(value);
        break;
    case guest_map::pic1 + 1:
        master_.write_data(value);
        break;
    case guest_map::pic2:
        slave_.write_command(value);
        break;
    case guest_map::pic2 + 1:
        slave_.write_data(value);
        break;
    case guest_map::elcr:
        master_.write_elcr(value);
        break;
    case guest_map::elcr + 1:
        slave_.write_elcr(value);
        break;
    default:
        break;
    }
    cascade();
}

u8 Pic::acknowledge() {
    u32 line = master_.acknowledge();
    if (line != cascade_line)
        return master_.vector(line);
    u8 vector = slave_.vector(slave_.acknowledge());
    // The slave lowers INT in the cycle, and raises it again if more is to be done.
    master_.set_line(cascade_line, false);
    cascade();
    return vector;
}

bool Pic::would_raise(u32 irq) const {
    if (output())
        return false;
    Pic after = *this;
    after.set_line(irq, false);
    after.set_line(irq, true);
    return after.output();
}

} // namespace cloison::core
