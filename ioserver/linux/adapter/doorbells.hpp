// SPDX-License-Identifier: Apache-2.0
// How a client is told that something was given back (firmware/abi/io_adapter.hpp).
#pragma once

#include "firmware/abi/io_adapter.hpp"

#include <array>
#include <bit>
#include <utility>

namespace cloison::io::adapter {

class Doorbells {
  public:
    /// `page` is the adapter's doorbell page.
    explicit Doorbells(u8* page) : page_(reinterpret_cast<volatile u32*>(page)) {}

    /// `doorbell.function` is below abi::max_virtio_functions, `queue` a queue or abi::no_queue.
    void ring(const abi::Doorbell& doorbell) {
        if (held_ == 0)
            return store(doorbell);
        waiting_functions_ |= 1u << doorbell.function;
        waiting_[doorbell.function] |=
            doorbell.queue == abi::no_queue ? page_bit : 1u << doorbell.queue;
    }

    /// While one of these lives nobody is told; then all are, once for each queue. A batch costs
    /// one exit in this way, however many of its parts ring.
    class Hold {
      public:
        explicit Hold(Doorbells& bells) : bells_(bells) { ++bells_.held_; }
        ~Hold() {
            if (--bells_.held_ == 0)
                bells_.release();
        }
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

      private:
        Doorbells& bells_;
    };

    /// How often clients were told.
    [[nodiscard]] u64 count() const { return count_; }

  private:
    static constexpr u32 page_bit = 1u << abi::max_virtqueues;

    /// All that was written before is visible to who hears it; one store of four bytes.
    void store(const abi::Doorbell& doorbell) {
        std::atomic_thread_fence(std::memory_order_release);
        *page_ = abi::encode(doorbell);
        ++count_;
    }
    /// The function's page first: it may say that a life has ended.
    void release() {
        for (; waiting_functions_ != 0; waiting_functions_ &= waiting_functions_ - 1) {
            auto function = static_cast<u32>(std::countr_zero(waiting_functions_));
            u32 waiting = std::exchange(waiting_[function], 0);
            if ((waiting & page_bit) != 0)
                store({function, abi::no_queue});
            for (waiting &= ~page_bit; waiting != 0; waiting &= waiting - 1)
                store({function, static_cast<u32>(std::countr_zero(waiting))});
        }
    }

    volatile u32* page_;
    u32 held_ = 0;
    u32 waiting_functions_ = 0;
    std::array<u32, abi::max_virtio_functions> waiting_{};
    u64 count_ = 0;
};

} // namespace cloison::io::adapter
