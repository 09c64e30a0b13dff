// SPDX-License-Identifier: Apache-2.0
// The common configuration structure (virtio 1.2, 4.1.4.3): fields by offset and width.
#include "firmware/core/devices/virtio/transport.hpp"

#include <algorithm>
#include <cstring>

namespace cloison::core {

namespace {

using enum std::memory_order;

/// A field and the width of its accesses.
constexpr u32 field(u32 offset, u32 size) {
    return offset << 4 | size;
}

/// 32 of 64 feature bits; there are no more.
u32 half(u64 features, u32 select) {
    return select < 2 ? static_cast<u32>(features >> (32 * select)) : 0;
}

void set_half(std::atomic<u64>& target, bool high, u32 value) {
    u32 shift = high ? 32 : 0;
    u64 other = target.load(relaxed) & ~(u64{0xFFFF'FFFF} << shift);
    target.store(other | u64{value} << shift, relaxed);
}

} // namespace

u32 VirtioTransport::read_common(u32 offset) {
    virtio_pci_common_cfg all = common();
    u32 value = 0;
    std::memcpy(&value, reinterpret_cast<const u8*>(&all) + offset, sizeof value);
    return value;
}

virtio_pci_common_cfg VirtioTransport::common() {
    virtio_pci_common_cfg c{};
    c.device_feature_select = offered_select_;
    c.device_feature = half(page_.offered, offered_select_);
    c.guest_feature_select = accepted_select_;
    c.guest_feature = half(page_.features.load(relaxed), accepted_select_);
    c.msix_config = config_vector_;
    c.num_queues = static_cast<u16>(queues_);
    c.device_status = static_cast<u8>(resetting() ? ended_status_ : status());
    c.config_generation = static_cast<u8>(page_.config_generation.load(relaxed));
    c.queue_select = queue_select_;
    c.queue_msix_vector = VIRTIO_MSI_NO_VECTOR;
    const abi::QueueRecord* queue = selected();
    if (queue == nullptr) // size 0 says that it is not there
        return c;
    c.queue_size = queue->size.load(relaxed);
    c.queue_msix_vector = queue_vectors_[queue_select_];
    c.queue_enable = static_cast<u16>(queue->enabled.load(relaxed));
    c.queue_notify_off = queue_select_;
    u64 descriptors = queue->descriptors.load(relaxed), driver = queue->driver.load(relaxed),
        device = queue->device.load(relaxed);
    c.queue_desc_lo = static_cast<u32>(descriptors);
    c.queue_desc_hi = static_cast<u32>(descriptors >> 32);
    c.queue_avail_lo = static_cast<u32>(driver);
    c.queue_avail_hi = static_cast<u32>(driver >> 32);
    c.queue_used_lo = static_cast<u32>(device);
    c.queue_used_hi = static_cast<u32>(device >> 32);
    return c;
}

VirtioTransport::Effect VirtioTransport::write_common(u32 offset, u32 size, u32 value) {
    u32 access = field(offset, size);
    switch (access) {
    case field(VIRTIO_PCI_COMMON_DFSELECT, 4):
        offered_select_ = value;
        return Effect::none;
    case field(VIRTIO_PCI_COMMON_GFSELECT, 4):
        accepted_select_ = value;
        return Effect::none;
    case field(VIRTIO_PCI_COMMON_GF, 4):
        write_features(value);
        return Effect::none;
    case field(VIRTIO_PCI_COMMON_MSIX, 2):
        config_vector_ = vector_or_none(value);
        return Effect::none;
    case field(VIRTIO_PCI_COMMON_STATUS, 1):
        return write_status(value);
    case field(VIRTIO_PCI_COMMON_Q_SELECT, 2):
        queue_select_ = static_cast<u16>(value);
        return Effect::none;
    default:
        return write_queue(access, value);
    }
}

void VirtioTransport::write_features(u32 value) {
    if (accepted_select_ < 2 && !has(VIRTIO_CONFIG_S_FEATURES_OK))
        set_half(page_.features, accepted_select_ == 1, value);
}

abi::QueueRecord* VirtioTransport::selected() const {
    return queue_select_ < queues_ ? &page_.queue[queue_select_] : nullptr;
}

VirtioTransport::Effect VirtioTransport::write_queue(u32 access, u32 value) {
    abi::QueueRecord* queue = selected();
    if (queue == nullptr)
        return Effect::none;
    if (access == field(VIRTIO_PCI_COMMON_Q_MSIX, 2)) {
        queue_vectors_[queue_select_] = vector_or_none(value);
        return Effect::none;
    }
    if (queue->enabled.load(relaxed) != 0) // the server may be at work with all the rest
        return Effect::none;
    switch (access) {
    case field(VIRTIO_PCI_COMMON_Q_SIZE, 2):
        if (abi::is_queue_size(value, queue->max_size))
            queue->size.store(static_cast<u16>(value), relaxed);
        break;
    case field(VIRTIO_PCI_COMMON_Q_ENABLE, 2):
        return value == 1 ? enable(*queue) : Effect::none;
    case field(VIRTIO_PCI_COMMON_Q_DESCLO, 4):
    case field(VIRTIO_PCI_COMMON_Q_DESCHI, 4):
        set_half(queue->descriptors, access == field(VIRTIO_PCI_COMMON_Q_DESCHI, 4), value);
        break;
    case field(VIRTIO_PCI_COMMON_Q_AVAILLO, 4):
    case field(VIRTIO_PCI_COMMON_Q_AVAILHI, 4):
        set_half(queue->driver, access == field(VIRTIO_PCI_COMMON_Q_AVAILHI, 4), value);
        break;
    case field(VIRTIO_PCI_COMMON_Q_USEDLO, 4):
    case field(VIRTIO_PCI_COMMON_Q_USEDHI, 4):
        set_half(queue->device, access == field(VIRTIO_PCI_COMMON_Q_USEDHI, 4), value);
        break;
    default:
        break;
    }
    return Effect::none;
}

/// The three parts of a split queue are aligned (2.7) and in memory. Driver and device part are
/// checked with the word that event indices put behind them.
bool VirtioTransport::is_ring(const abi::QueueRecord& queue) const {
    constexpr u64 indices = 3 * sizeof(u16); // flags, index, event
    u64 size = queue.size.load(relaxed);
    auto is_part = [this](const std::atomic<u64>& address, u64 alignment, u64 bytes) {
        Extent part{address.load(relaxed), bytes};
        return part.base % alignment == 0 &&
               std::any_of(ram_.begin(), ram_.end(),
                           [&](const Extent& piece) { return piece.contains(part); });
    };
    return is_part(queue.descriptors, VRING_DESC_ALIGN_SIZE, size * sizeof(vring_desc)) &&
           is_part(queue.driver, VRING_AVAIL_ALIGN_SIZE, indices + size * sizeof(u16)) &&
           is_part(queue.device, VRING_USED_ALIGN_SIZE, indices + size * sizeof(vring_used_elem));
}

VirtioTransport::Effect VirtioTransport::enable(abi::QueueRecord& queue) {
    if (!has(VIRTIO_CONFIG_S_FEATURES_OK))
        return Effect::none;
    if (!is_ring(queue))
        return fail();
    queue.enabled.store(1, release);
    if (runs())
        call_ = abi::no_queue; // later than drivers do it, but nothing forbids it
    return Effect::none;
}

} // namespace cloison::core
