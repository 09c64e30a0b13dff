// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/pci.hpp"

#include "firmware/abi/guest_map.hpp"
#include "firmware/x86/instructions.hpp"
#include "firmware/x86/lock.hpp"

namespace cloison::x86 {

namespace {

// The ports are those of every PC, so that the guests' are the same.
constexpr u16 address_port = guest_map::pci_address, data_port = guest_map::pci_data;
constexpr u32 enable = 0x8000'0000;

constinit Lock lock; // address and data belong together

bool select(u32 address, u32 offset) {
    if (address >> 16 != 0)
        return false;
    out32(address_port, enable | address << 8 | (offset & 0xFC));
    return true;
}

u32 read(u32 address, u32 offset) {
    Guard guard(lock);
    return select(address, offset) ? in32(data_port) : ~u32{0};
}

void write(u32 address, u32 offset, u32 size, u32 value) {
    Guard guard(lock);
    if (!select(address, offset))
        return;
    auto port = static_cast<u16>(data_port + (offset & 3));
    switch (size) {
    case 1:
        out8(port, static_cast<u8>(value));
        break;
    case 2:
        out16(port, static_cast<u16>(value));
        break;
    case 4:
        out32(port, value);
        break;
    default:
        break;
    }
}

} // namespace

const core::HostConfiguration pci_configuration{read, write};

} // namespace cloison::x86
