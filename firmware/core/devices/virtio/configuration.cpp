// SPDX-License-Identifier: Apache-2.0
// The configuration space of a virtio function: header and capabilities.
#include "firmware/core/devices/virtio/function.hpp"

#include "firmware/abi/server_map.hpp"
#include "firmware/core/devices/virtio/structures.hpp"

#include <cstddef>
#include <cstring>
#include <linux/virtio_ids.h>

namespace cloison::core {

namespace {

// virtio 1.2, 4.1.2.1.
constexpr u32 vendor = 0x1AF4, first_device = 0x1040, subsystem = 0x40, revision = 1;

constexpr u32 command_bits = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE;
constexpr u32 msix_flags = PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL;
constexpr u32 msix = PCI_STD_HEADER_SIZEOF; // the first capability

/// Base class and subclass (PCI Code and ID Assignment 1.0), for people and for guests that go by
/// them: virtio drivers do not.
constexpr u32 class_of(u32 device_id) {
    switch (device_id) {
    case VIRTIO_ID_NET:
        return 0x0200; // Ethernet controller
    case VIRTIO_ID_BLOCK:
        return 0x0180; // other mass storage
    case VIRTIO_ID_CONSOLE:
        return 0x0780; // other communication device
    default:
        return 0xFF00; // none of those defined
    }
}

} // namespace

VirtioFunction::VirtioFunction(u32 index, const abi::VirtioFunctionConfig& config,
                               abi::FunctionPage& page, abi::ServerPage& server,
                               std::span<const Extent> ram)
    : home_(static_cast<u32>(guest_map::pci_window.base) + index * bar_size),
      transport_(config, page, server, ram),
      msix_(transport_.vectors()) {
    static_assert(u64{abi::max_virtio_functions} * bar_size <= abi::virtio_bars);
    static_assert(abi::max_virtqueues < MsixTable::max_vectors);
    set(PCI_VENDOR_ID, 2, vendor);
    set(PCI_DEVICE_ID, 2, first_device + config.device_id);
    set(PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
    set(PCI_REVISION_ID, 1, revision);
    set(PCI_CLASS_DEVICE, 2, class_of(config.device_id));
    set(PCI_BASE_ADDRESS_0, 4, home_);
    set(PCI_SUBSYSTEM_VENDOR_ID, 2, vendor);
    set(PCI_SUBSYSTEM_ID, 2, subsystem);
    add_capabilities();
}

void VirtioFunction::restart() {
    transport_.restart();
    msix_ = MsixTable(transport_.vectors());
    set(PCI_COMMAND, 2, 0);
    set(PCI_BASE_ADDRESS_0, 4, home_);
    set(msix + PCI_MSIX_FLAGS, 2, msix_.vectors() - 1);
}

void VirtioFunction::add_capabilities() {
    set(PCI_CAPABILITY_LIST, 1, msix);
    set(msix + PCI_CAP_LIST_ID, 1, PCI_CAP_ID_MSIX);
    set(msix + PCI_CAP_LIST_NEXT, 1, msix + PCI_CAP_MSIX_SIZEOF);
    set(msix + PCI_MSIX_FLAGS, 2, msix_.vectors() - 1);
    set(msix + PCI_MSIX_TABLE, 4, structure::msix_table); // in BAR 0
    set(msix + PCI_MSIX_PBA, 4, structure::msix_pending);

    u32 at = msix + PCI_CAP_MSIX_SIZEOF;
    constexpr u8 plain = sizeof(virtio_pci_cap);
    add_structure(at, VIRTIO_PCI_CAP_COMMON_CFG, plain, structure::common,
                  sizeof(virtio_pci_common_cfg));
    add_structure(at, VIRTIO_PCI_CAP_ISR_CFG, plain, structure::isr, 1);
    if (transport_.config_size() != 0) // one of no length is worse than none: Linux refuses it
        add_structure(at, VIRTIO_PCI_CAP_DEVICE_CFG, plain, structure::device,
                      transport_.config_size());
    set(at + VIRTIO_PCI_NOTIFY_CAP_MULT, 4, structure::notify_multiplier);
    add_structure(at, VIRTIO_PCI_CAP_NOTIFY_CFG, sizeof(virtio_pci_notify_cap), structure::notify,
                  transport_.queues() * structure::notify_multiplier);
    indirect_ = at;
    add_structure(at, VIRTIO_PCI_CAP_PCI_CFG, sizeof(virtio_pci_cfg_cap), 0, 0);
    set(indirect_ + VIRTIO_PCI_CAP_NEXT, 1, 0);
}

/// One of virtio's capabilities at `at`, which is moved on behind it.
void VirtioFunction::add_structure(u32& at, u8 type, u8 size, u32 offset, u32 length) {
    set(at + VIRTIO_PCI_CAP_VNDR, 1, PCI_CAP_ID_VNDR);
    set(at + VIRTIO_PCI_CAP_NEXT, 1, at + size);
    set(at + VIRTIO_PCI_CAP_LEN, 1, size);
    set(at + VIRTIO_PCI_CAP_CFG_TYPE, 1, type);
    set(at + VIRTIO_PCI_CAP_OFFSET, 4, offset);
    set(at + VIRTIO_PCI_CAP_LENGTH, 4, length);
    at += size;
}

u32 VirtioFunction::get(u32 offset, u32 size) const {
    u32 value = 0;
    std::memcpy(&value, bytes_.data() + offset, size);
    return value;
}

void VirtioFunction::set(u32 offset, u32 size, u32 value) {
    std::memcpy(bytes_.data() + offset, &value, size);
}

u32 VirtioFunction::writable_bits(u32 offset) const {
    switch (offset) {
    case PCI_COMMAND:
        return command_bits;
    case PCI_BASE_ADDRESS_0:
        return ~(bar_size - 1);
    case msix: // its flags are in the high half
        return msix_flags << 16;
    default:
        break;
    }
    if (offset == indirect_ + offsetof(virtio_pci_cap, bar))
        return 0xFF;
    bool indirect = offset > indirect_ && offset < indirect_ + sizeof(virtio_pci_cfg_cap);
    return indirect ? ~u32{0} : 0;
}

u32 VirtioFunction::read_configuration(u32 offset) {
    if (offset == indirect_ + offsetof(virtio_pci_cfg_cap, pci_cfg_data)) {
        if (auto access = indirect_access())
            set(offset, access->size, static_cast<u32>(read_memory(access->offset, access->size)));
    }
    u32 value = get(offset);
    if (offset == PCI_COMMAND && !msix_enabled() && transport_.isr() != 0)
        value |= PCI_STATUS_INTERRUPT << 16; // 4.1.4.5.1
    return value;
}

void VirtioFunction::write_configuration(u32 offset, u32 value, u32 mask) {
    u32 bits = writable_bits(offset) & mask;
    set(offset, 4, (get(offset) & ~bits) | (value & bits));
    if (offset == PCI_COMMAND || offset == msix) {
        update_msix();
    } else if (offset == indirect_ + offsetof(virtio_pci_cfg_cap, pci_cfg_data)) {
        if (auto access = indirect_access())
            write_memory(access->offset, access->size, get(offset, access->size));
    }
}

std::optional<VirtioFunction::Access> VirtioFunction::indirect_access() const {
    u32 size = get(indirect_ + VIRTIO_PCI_CAP_LENGTH);
    u32 offset = get(indirect_ + VIRTIO_PCI_CAP_OFFSET);
    bool known =
        get(indirect_ + VIRTIO_PCI_CAP_BAR, 1) == 0 && (size == 1 || size == 2 || size == 4);
    if (!known || offset % size != 0 || offset >= bar_size)
        return std::nullopt;
    return Access{offset, size};
}

Extent VirtioFunction::window() const {
    Extent bar{get(PCI_BASE_ADDRESS_0), bar_size};
    bool on = (get(PCI_COMMAND) & PCI_COMMAND_MEMORY) != 0;
    return on && guest_map::pci_window.contains(bar) ? bar : Extent{};
}

bool VirtioFunction::bus_master() const {
    return (get(PCI_COMMAND) & PCI_COMMAND_MASTER) != 0;
}

bool VirtioFunction::msix_enabled() const {
    return (get(msix + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_ENABLE) != 0;
}

void VirtioFunction::update_msix() {
    bool masked = (get(msix + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_MASKALL) != 0;
    msix_.control(msix_enabled(), masked, bus_master());
}

} // namespace cloison::core
