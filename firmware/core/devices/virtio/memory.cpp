// SPDX-License-Identifier: Apache-2.0
// The BAR of a virtio function: which structure an access reaches.
#include "firmware/core/devices/virtio/function.hpp"
#include "firmware/core/devices/virtio/structures.hpp"

namespace cloison::core {

using Effect = VirtioTransport::Effect;

/// Registers are dwords or parts of dwords; a qword is two (virtio 1.2, 4.1.3.1; PCI 3.0, 6.8.2).
u64 VirtioFunction::read_memory(u32 offset, u32 size) {
    if (size == 8 && offset % 8 == 0)
        return read_dword(offset) | u64{read_dword(offset + 4)} << 32;
    u32 first = offset % 4;
    u64 ones = size == 8 ? ~u64{0} : (u64{1} << (8 * size)) - 1;
    if (first + size > 4)
        return ones;
    u32 dword = offset - first;
    if (dword == structure::isr && first != 0)
        return 0; // reserved, and without the effect of its neighbour
    return (read_dword(dword) >> (8 * first)) & ones;
}

u32 VirtioFunction::read_dword(u32 offset) {
    u32 inside = offset % structure::page;
    switch (offset - inside) {
    case structure::common:
        return inside < sizeof(virtio_pci_common_cfg) ? transport_.read_common(inside) : ~u32{0};
    case structure::isr:
        return inside == 0 ? transport_.take_isr() : ~u32{0};
    case structure::device:
        return transport_.read_config(inside);
    case structure::notify:
        return inside < transport_.queues() * structure::notify_multiplier ? 0 : ~u32{0};
    case structure::msix_table:
        return msix_.read_table(inside);
    case structure::msix_pending:
        return msix_.read_pending(inside);
    default:
        return ~u32{0};
    }
}

void VirtioFunction::write_memory(u32 offset, u32 size, u64 value) {
    u32 inside = offset % structure::page;
    u32 base = offset - inside;
    if (base == structure::notify) {
        // One access is one notification. The queue is told by the place; what is written says the
        // same again (4.1.5.2).
        bool one = inside % structure::notify_multiplier == 0 && (size == 2 || size == 4);
        if (one && bus_master()) // else the device could not reach the queue
            transport_.notify(inside / structure::notify_multiplier);
    } else if (size == 8 && offset % 8 == 0) {
        write_dword(offset, 4, static_cast<u32>(value));
        write_dword(offset + 4, 4, static_cast<u32>(value >> 32));
    } else if (inside % 4 + size <= 4) {
        write_dword(offset, size, static_cast<u32>(value & ((u64{1} << (8 * size)) - 1)));
    }
}

/// Writes of a dword or less; ISR, device configuration and pending bits are read-only.
void VirtioFunction::write_dword(u32 offset, u32 size, u32 value) {
    u32 inside = offset % structure::page;
    if (offset - inside == structure::msix_table) {
        if (size == 4)
            msix_.write_table(inside, value);
        return;
    }
    if (offset - inside != structure::common)
        return;
    Effect effect = transport_.write_common(inside, size, value);
    if (effect == Effect::reset)
        msix_.forget();
    else if (effect == Effect::announce)
        raise(transport_.announce());
}

void VirtioFunction::used(u32 queue) {
    if (auto vector = transport_.used(queue))
        raise(*vector);
}

void VirtioFunction::attend() {
    if (transport_.attend())
        raise(transport_.announce());
}

void VirtioFunction::raise(u16 vector) {
    if (vector != VIRTIO_MSI_NO_VECTOR)
        msix_.raise(vector);
}

} // namespace cloison::core
