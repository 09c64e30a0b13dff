// SPDX-License-Identifier: Apache-2.0
// The three parts of a split virtqueue (virtio 1.2, section 2.7) as the device side reads and
// writes them. Nothing is judged here but where the parts lie.
#pragma once

#include "ioserver/devices/queue/guest_memory.hpp"
#include "ioserver/devices/queue/queue_error.hpp"
#include "ioserver/devices/queue/shared_memory.hpp"
#include "ioserver/devices/queue/virtio_ring.hpp"

#include <cstddef>

namespace cloison::io {

/// Where the driver put its ring: guest addresses.
struct QueueLayout {
    u32 size = 0; // descriptors: a power of two
    u64 descriptors = 0;
    u64 available = 0;
    u64 used = 0;
};

class Ring {
  public:
    static constexpr u32 max_size = 32768; // virtio 1.2, section 2.7

    template <GuestMemory Memory>
    [[nodiscard]] QueueError attach(const Memory& memory, const QueueLayout& layout) {
        if (layout.size == 0 || layout.size > max_size || !std::has_single_bit(layout.size))
            return QueueError::size_invalid;
        size_ = wrap16(layout.size);
        // Each with the event index behind it, negotiated or not (section 2.7).
        std::span<u8> descriptors = memory.at(layout.descriptors, u64{16} * size_);
        std::span<u8> available = memory.at(layout.available, u64{6} + u64{2} * size_);
        std::span<u8> used = memory.at(layout.used, u64{6} + u64{8} * size_);
        if (descriptors.empty() || available.empty() || used.empty())
            return QueueError::ring_outside_memory;
        descriptors_ = descriptors.data();
        available_ = available.data();
        used_ = used.data();
        return aligned(descriptors_, VRING_DESC_ALIGN_SIZE) &&
                       aligned(available_, VRING_AVAIL_ALIGN_SIZE) &&
                       aligned(used_, VRING_USED_ALIGN_SIZE)
                   ? QueueError::none
                   : QueueError::ring_unaligned;
    }

    [[nodiscard]] u16 size() const { return size_; }
    [[nodiscard]] const u8* descriptors() const { return descriptors_; }

    /// What the driver wrote before it moved the index is visible after this.
    [[nodiscard]] u16 available_index() const {
        return load<u16>(available_ + offsetof(vring_avail, idx), std::memory_order_acquire);
    }
    [[nodiscard]] u16 available_head(u16 index) const {
        return load<u16>(available_ + offsetof(vring_avail, ring) + usize{2} * slot(index));
    }
    [[nodiscard]] u16 available_flags() const {
        return load<u16>(available_ + offsetof(vring_avail, flags));
    }
    [[nodiscard]] u16 used_event() const {
        return load<u16>(available_ + offsetof(vring_avail, ring) + usize{2} * size_);
    }

    void write_used(u16 index, u16 head, u32 length) {
        u8* element = used_ + offsetof(vring_used, ring) + sizeof(vring_used_elem) * slot(index);
        store<u32>(element + offsetof(vring_used_elem, id), head);
        store<u32>(element + offsetof(vring_used_elem, len), length);
    }
    /// What was written before this is visible to a driver that sees the new index.
    void publish_used_index(u16 index) {
        store<u16>(used_ + offsetof(vring_used, idx), index, std::memory_order_release);
    }
    void write_used_flags(u16 flags) { store<u16>(used_ + offsetof(vring_used, flags), flags); }
    void write_available_event(u16 index) {
        store<u16>(used_ + offsetof(vring_used, ring) + sizeof(vring_used_elem) * size_, index);
    }

  private:
    [[nodiscard]] static bool aligned(const u8* at, u64 alignment) {
        return reinterpret_cast<std::uintptr_t>(at) % alignment == 0;
    }
    [[nodiscard]] usize slot(u16 index) const { return index % usize{size_}; }

    u16 size_ = 0;
    u8* descriptors_ = nullptr;
    u8* available_ = nullptr;
    u8* used_ = nullptr;
};

} // namespace cloison::io
