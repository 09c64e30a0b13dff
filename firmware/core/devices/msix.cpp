// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/msix.hpp"

#include "firmware/core/apic/local_apic.hpp"

#include <bit>
#include <linux/pci_regs.h>

namespace cloison::core {

namespace {

constexpr u64 message_area = 0xFEE0'0000, message_area_mask = ~u64{0xF'FFFF};

// Address (SDM vol. 3A, 11.11.1) and data (11.11.2).
constexpr u64 redirection_hint = 1 << 3, logical_destination = 1 << 2;
constexpr u32 level_trigger = 1 << 15, level_assert = 1 << 14;

bool is_message_mode(Delivery mode) {
    switch (mode) {
    case Delivery::fixed:
    case Delivery::lowest_priority:
    case Delivery::smi:
    case Delivery::nmi:
    case Delivery::init:
    case Delivery::external:
        return true;
    case Delivery::startup: // is for IPIs
        break;
    }
    return false;
}

} // namespace

std::optional<Message> message_of_write(u64 address, u32 data) {
    auto mode = static_cast<Delivery>(data >> 8 & 7);
    bool level = (data & level_trigger) != 0;
    if ((address & message_area_mask) != message_area || !is_message_mode(mode) ||
        (level && (data & level_assert) == 0))
        return std::nullopt;
    bool logical = (address & logical_destination) != 0;
    // The hint asks for one of those that a logical destination names.
    if (logical && (address & redirection_hint) != 0 && mode == Delivery::fixed)
        mode = Delivery::lowest_priority;
    return Message{.destination = static_cast<u32>(address >> 12 & 0xFF),
                   .logical = logical,
                   .delivery_mode = static_cast<u8>(mode),
                   .vector = static_cast<u8>(data),
                   .level = level && mode <= Delivery::lowest_priority}; // the others are edges
}

void MsixTable::control(bool enabled, bool masked, bool bus_master) {
    enabled_ = enabled;
    open_ = enabled && !masked && bus_master;
    if (!enabled)
        forget();
    serve();
}

u32 MsixTable::read_table(u32 offset) const {
    u32 index = offset / PCI_MSIX_ENTRY_SIZE;
    if (index >= vectors_)
        return ~u32{0};
    const Entry& entry = entries_[index];
    switch (offset % PCI_MSIX_ENTRY_SIZE) {
    case PCI_MSIX_ENTRY_LOWER_ADDR:
        return static_cast<u32>(entry.address);
    case PCI_MSIX_ENTRY_UPPER_ADDR:
        return static_cast<u32>(entry.address >> 32);
    case PCI_MSIX_ENTRY_DATA:
        return entry.data;
    default:
        return entry.masked ? PCI_MSIX_ENTRY_CTRL_MASKBIT : 0;
    }
}

void MsixTable::write_table(u32 offset, u32 value) {
    constexpr u64 low = 0xFFFF'FFFF;
    u32 index = offset / PCI_MSIX_ENTRY_SIZE;
    if (index >= vectors_)
        return;
    Entry& entry = entries_[index];
    switch (offset % PCI_MSIX_ENTRY_SIZE) {
    case PCI_MSIX_ENTRY_LOWER_ADDR: // of a dword
        entry.address = (entry.address & ~low) | (value & ~u32{3});
        break;
    case PCI_MSIX_ENTRY_UPPER_ADDR:
        entry.address = (entry.address & low) | u64{value} << 32;
        break;
    case PCI_MSIX_ENTRY_DATA:
        entry.data = value;
        break;
    default:
        entry.masked = (value & PCI_MSIX_ENTRY_CTRL_MASKBIT) != 0;
        serve();
        break;
    }
}

u32 MsixTable::read_pending(u32 offset) const {
    constexpr u32 size = 8; // the pending bits come in qwords
    return offset == 0 ? pending_ : offset < size ? 0 : ~u32{0};
}

void MsixTable::raise(u32 vector) {
    if (!enabled_ || vector >= vectors_)
        return;
    pending_ |= 1u << vector;
    serve();
}

void MsixTable::forget() {
    pending_ = 0;
    sent_ = 0;
}

void MsixTable::serve() {
    if (!open_)
        return;
    for (u32 left = pending_; left != 0; left &= left - 1) {
        u32 bit = left & (~left + 1);
        if (entries_[static_cast<u32>(std::countr_zero(left))].masked)
            continue;
        pending_ &= ~bit;
        sent_ |= bit;
    }
}

std::optional<Message> MsixTable::take_message() {
    while (sent_ != 0) {
        const Entry& entry = entries_[static_cast<u32>(std::countr_zero(sent_))];
        sent_ &= sent_ - 1;
        if (auto message = message_of_write(entry.address, entry.data))
            return message;
    }
    return std::nullopt;
}

} // namespace cloison::core
