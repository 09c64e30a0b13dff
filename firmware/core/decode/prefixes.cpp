// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/decode/prefixes.hpp"

#include <algorithm>

namespace cloison::core {

bool Prefixes::take(u8 byte) {
    if (code_ == CodeSize::code64 && (byte & 0xF0) == 0x40) {
        rex_ = byte;
        return true;
    }
    switch (byte) {
    case 0x26:
    case 0x2E:
    case 0x36:
    case 0x3E:
        override_segment(static_cast<Segment>(byte >> 3 & 3));
        break;
    case 0x64:
        override_segment(Segment::fs);
        break;
    case 0x65:
        override_segment(Segment::gs);
        break;
    case 0x66:
        operand_ = true;
        break;
    case 0x67:
        address_ = true;
        break;
    case 0xF0:
        lock_ = true;
        break;
    case 0xF2:
    case 0xF3:
        repeat_ = byte;
        break;
    default:
        return false;
    }
    rex_ = 0; // REX counts only right before the opcode
    return true;
}

/// In 64-bit mode ES, CS, SS and DS overrides are ignored: FS and GS alone have a base (SDM vol.
/// 1, 3.4.4).
void Prefixes::override_segment(Segment segment) {
    if (code_ != CodeSize::code64 || segment == Segment::fs || segment == Segment::gs)
        segment_ = segment;
}

u8 Prefixes::operand_size(Width width) const {
    u8 full = operand_ == (code_ == CodeSize::code16) ? 4 : 2;
    if ((rex_ & 8) != 0)
        full = 8;
    switch (width) {
    case Width::byte:
        return 1;
    case Width::word:
        return 2;
    case Width::up_to_dword:
        return std::min<u8>(full, 4);
    case Width::full:
        break;
    }
    return full;
}

u8 Prefixes::address_size() const {
    if (code_ == CodeSize::code64)
        return address_ ? 4 : 8;
    return address_ == (code_ == CodeSize::code16) ? 4 : 2;
}

} // namespace cloison::core
