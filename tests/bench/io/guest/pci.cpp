// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/io/guest/pci.hpp"

#include "firmware/abi/guest_map.hpp"

#include <cstddef>
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>

namespace cloison::bench {

namespace {

constexpr u16 virtio_vendor = 0x1AF4, first_virtio_device = 0x1040; // virtio 1.2, 4.1.2.1

} // namespace

template <typename T>
volatile T* PciFunction::at(u32 offset) const {
    return reinterpret_cast<volatile T*>(guest_map::ecam.base + (u64{device_} << 15) + offset);
}

u32 PciFunction::capability(u8 id, u32 from) const {
    u32 at = from == 0 ? read<u8>(PCI_CAPABILITY_LIST) : read<u8>(from + PCI_CAP_LIST_NEXT);
    while (at != 0 && read<u8>(at + PCI_CAP_LIST_ID) != id)
        at = read<u8>(at + PCI_CAP_LIST_NEXT);
    return at;
}

u32 PciFunction::virtio_capability(u8 type) const {
    u32 at = capability(PCI_CAP_ID_VNDR);
    while (at != 0 && read<u8>(at + VIRTIO_PCI_CAP_CFG_TYPE) != type)
        at = capability(PCI_CAP_ID_VNDR, at);
    return at;
}

u64 PciFunction::bar() const {
    return read<u32>(PCI_BASE_ADDRESS_0) & static_cast<u32>(PCI_BASE_ADDRESS_MEM_MASK);
}

u64 PciFunction::structure(u8 type) const {
    u32 at = virtio_capability(type);
    return at == 0 ? 0 : bar() + read<u32>(at + VIRTIO_PCI_CAP_OFFSET);
}

u32 PciFunction::notify_multiplier() const {
    return read<u32>(virtio_capability(VIRTIO_PCI_CAP_NOTIFY_CFG) + VIRTIO_PCI_NOTIFY_CAP_MULT);
}

void PciFunction::enable() const {
    u32 msix = capability(PCI_CAP_ID_MSIX);
    write<u16>(PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
    write<u16>(msix + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE);
}

void PciFunction::set_interrupt(u32 entry, u32 apic_id, u32 vector) const {
    constexpr u32 message_base = 0xFEE00000, destination_shift = 12; // SDM vol. 3A, 11.11
    u32 msix = capability(PCI_CAP_ID_MSIX);
    u64 table = bar() + (read<u32>(msix + PCI_MSIX_TABLE) & PCI_MSIX_TABLE_OFFSET);
    auto* words = reinterpret_cast<volatile u32*>(table + u64{entry} * PCI_MSIX_ENTRY_SIZE);
    words[0] = message_base | apic_id << destination_shift;
    words[1] = 0;
    words[2] = vector;
    words[3] = 0; // not masked
}

std::optional<PciFunction> find_virtio(u32 virtio_id) {
    for (u32 device = 0; device < 32; ++device) {
        PciFunction function(device);
        if (function.read<u16>(PCI_VENDOR_ID) == virtio_vendor &&
            function.read<u16>(PCI_DEVICE_ID) == first_virtio_device + virtio_id)
            return function;
    }
    return std::nullopt;
}

} // namespace cloison::bench
