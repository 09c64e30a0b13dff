// SPDX-License-Identifier: Apache-2.0
// The driver's side of a split virtqueue with event indices (virtio 1.2, 2.7).
#pragma once

#include "firmware/abi/types.hpp"

#include <atomic>

#define VIRTIO_RING_NO_LEGACY
#include <linux/virtio_ring.h>

namespace cloison::bench {

/// The rings, as both sides see them.
struct alignas(page_size) QueueMemory {
    static constexpr u32 size = 256;

    struct Available {
        u16 flags, index, ring[size], used_event;
    };
    struct Used {
        u16 flags, index;
        vring_used_elem ring[size];
        u16 available_event;
    };

    vring_desc descriptors[size];
    alignas(VRING_AVAIL_ALIGN_SIZE) Available available;
    alignas(page_size) Used used;
};

/// Where kicks go: to the device's notification register or, where there is no device, to one that
/// has everything done at once.
class Doorbell {
  public:
    explicit Doorbell(u64 notify_register)
        : register_(reinterpret_cast<volatile u16*>(notify_register)) {}
    explicit Doorbell(QueueMemory& always_ready) : ready_(&always_ready) {}

    void ring() const {
        if (register_ != nullptr) {
            *register_ = 0; // of queue 0
            return;
        }
        ready_->used.index = ready_->used.available_event = ready_->available.index;
    }

  private:
    volatile u16* register_ = nullptr;
    QueueMemory* ready_ = nullptr;
};

class DriverQueue {
  public:
    DriverQueue(QueueMemory& memory, Doorbell doorbell) : memory_(memory), doorbell_(doorbell) {}

    [[nodiscard]] QueueMemory& memory() { return memory_; }

    /// The device sees what is offered only after publish().
    void offer(u16 head) { memory_.available.ring[next_++ % QueueMemory::size] = head; }
    /// True when the device had to be told.
    bool publish() {
        u16 before = memory_.available.index;
        std::atomic_ref(memory_.available.index).store(next_, std::memory_order_release);
        std::atomic_thread_fence(std::memory_order_seq_cst); // the index first, then the wish
        u16 event = std::atomic_ref(memory_.used.available_event).load(std::memory_order_relaxed);
        bool wanted = vring_need_event(event, next_, before) != 0;
        if (wanted)
            doorbell_.ring();
        return wanted;
    }

    [[nodiscard]] bool has_used() const {
        return std::atomic_ref(memory_.used.index).load(std::memory_order_acquire) != last_;
    }
    /// Only when has_used(): the head of the chain that came back.
    u16 take_used() { return static_cast<u16>(memory_.used.ring[last_++ % QueueMemory::size].id); }

    /// An interrupt when the next chain comes back. It may be back already: look again.
    void want_interrupt() {
        std::atomic_ref(memory_.available.used_event).store(last_, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }
    /// None for the next 32,767 chains.
    void want_no_interrupt() { memory_.available.used_event = static_cast<u16>(last_ + 0x8000); }

  private:
    QueueMemory& memory_;
    Doorbell doorbell_;
    u16 next_ = 0; // behind what was offered
    u16 last_ = 0; // what was taken back
};

} // namespace cloison::bench
