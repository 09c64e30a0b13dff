// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/server/owned_function.hpp"

#include <bit>

namespace cloison::core {

namespace {

constexpr u32 command_bits = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
                             PCI_COMMAND_INVALIDATE | PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
                             PCI_COMMAND_INTX_DISABLE;
constexpr u32 answers = PCI_COMMAND_IO | PCI_COMMAND_MEMORY;
constexpr u32 ones = ~u32{0};
constexpr u32 header_type_mask = 0x7F; // the other bit: more functions in this device
constexpr u32 most_capabilities = 48;  // as many as fit between header and end

/// Bytes of an MSI or MSI-X capability, at most.
constexpr u32 message_size(u32 id) {
    return id == PCI_CAP_ID_MSI ? 24 : id == PCI_CAP_ID_MSIX ? PCI_CAP_MSIX_SIZEOF : 0;
}

} // namespace

bool OwnedFunction::initialise(const HostPlaces& places) {
    bool there = read(PCI_VENDOR_ID) != ones;
    u32 type = read(PCI_CACHE_LINE_SIZE) >> 16 & header_type_mask;
    if (!there || type != PCI_HEADER_TYPE_NORMAL)
        return false;
    u32 command = read(PCI_COMMAND) & 0xFFFF;
    write(PCI_COMMAND, 2, command & ~(answers | u32{PCI_COMMAND_MASTER})); // while BARs are moved
    bool owned = true;
    for (u32 index = 0; index < Bars::count && owned; ++index)
        owned = add_bar(index, places);
    write(PCI_ROM_ADDRESS, 4, 0);
    write(PCI_COMMAND, 2, command & command_bits & ~u32{PCI_COMMAND_MASTER});
    find_messages();
    line_ = pin_ == no_pin ? 0 : pin_;
    return owned;
}

/// Finds out place and size of BAR `index` (PCI 3.0, 6.2.5.1), which is raised by one more behind a
/// 64-bit one.
bool OwnedFunction::add_bar(u32& index, const HostPlaces& places) {
    u32 offset = PCI_BASE_ADDRESS_0 + 4 * index;
    auto probe = [&](u32 at) {
        u32 value = read(at);
        write(at, 4, ones);
        u32 writable = read(at);
        write(at, 4, value);
        return u64{value} << 32 | writable;
    };
    u64 low = probe(offset);
    auto value = static_cast<u32>(low >> 32), writable = static_cast<u32>(low);
    if (writable == 0)
        return true; // not implemented
    bool io = (value & PCI_BASE_ADDRESS_SPACE_IO) != 0;
    u32 type = value & (io ? 0x3u : 0xFu);
    u64 base = value & ~type;
    u64 bits = io ? u64{writable & ~type} | ~u64{0xFFFF} : u64{writable & ~type} | ~u64{ones};
    bool wide = !io && (type & PCI_BASE_ADDRESS_MEM_TYPE_MASK) == PCI_BASE_ADDRESS_MEM_TYPE_64 &&
                index + 1 < Bars::count;
    if (wide) {
        u64 high = probe(offset + 4);
        base |= high >> 32 << 32;
        bits = (bits & ones) | high << 32;
    }
    Extent host{base, ~bits + 1};
    u32 at = index;
    index += wide ? 1 : 0;
    if (base == 0) // the BIOS gave it no place, so it has none
        return true;
    u64 guest = 0;
    if (!places.find(places.context, host, io, guest))
        return false;
    bars_.add(at, {guest, host.size}, type);
    return true;
}

void OwnedFunction::find_messages() {
    if ((read(PCI_COMMAND) >> 16 & PCI_STATUS_CAP_LIST) == 0)
        return;
    u32 at = read(PCI_CAPABILITY_LIST) & 0xFC;
    for (u32 i = 0; i < most_capabilities && at >= PCI_STD_HEADER_SIZEOF; ++i) {
        u32 head = read(at);
        for (u32 byte = 0; byte < message_size(head & 0xFF) && at + byte < PCI_CFG_SPACE_SIZE;
             byte += 4)
            messages_ |= u64{1} << (at + byte) / 4;
        at = head >> 8 & 0xFC;
    }
}

bool OwnedFunction::is_message(u32 offset) const {
    return (messages_ >> offset / 4 & 1) != 0;
}

u32 OwnedFunction::read_configuration(u32 offset) {
    if (Bars::has(offset))
        return bars_.read(offset);
    switch (offset) {
    case PCI_COMMAND:
        return read(offset) & ~(u32{PCI_STATUS_CAP_LIST} << 16);
    case PCI_CACHE_LINE_SIZE: // with the header type: one function in each device here
        return read(offset) & ~(u32{0x80} << 16);
    case PCI_ROM_ADDRESS:
    case PCI_CARDBUS_CIS:
    case PCI_CAPABILITY_LIST:
        return 0;
    case PCI_INTERRUPT_LINE: {
        u32 host = read(offset) & ~u32{0xFF};
        return line_ | (pin_ == no_pin ? host & ~u32{0xFF00} : host);
    }
    default:
        return is_message(offset) ? 0 : read(offset);
    }
}

void OwnedFunction::write_configuration(u32 offset, u32 value, u32 mask) {
    if (Bars::has(offset)) {
        bars_.write(offset, value, mask);
        return;
    }
    switch (offset) {
    case PCI_COMMAND: {
        // Command and status are two registers: the bits of one that are written are its own.
        if ((mask & 0xFFFF) != 0) {
            u32 bits = command_bits & mask;
            write(PCI_COMMAND, 2, (read(PCI_COMMAND) & 0xFFFF & ~bits) | (value & bits));
        }
        if ((mask >> 16) != 0)
            write(PCI_STATUS, 2, (value & mask) >> 16); // bits are cleared by ones
        return;
    }
    case PCI_INTERRUPT_LINE:
        line_ = (line_ & ~(mask & 0xFF)) | (value & mask & 0xFF);
        return;
    default:
        break;
    }
    bool writable = offset == PCI_CACHE_LINE_SIZE || offset >= PCI_STD_HEADER_SIZEOF;
    if (!writable || mask == 0 || is_message(offset))
        return;
    // As one access of the same width.
    auto first = static_cast<u32>(std::countr_zero(mask)) / 8;
    auto size = static_cast<u32>(std::bit_width(mask >> (8 * first))) / 8;
    write(offset + first, size, value >> (8 * first));
}

void OwnedFunction::quiesce() {
    u32 command = read(PCI_COMMAND) & 0xFFFF;
    write(PCI_COMMAND, 2, command & ~u32{PCI_COMMAND_MASTER});
}

} // namespace cloison::core
