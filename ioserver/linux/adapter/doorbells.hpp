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
    /// `page` is the adapter's doorbell page; `record` has been checked before anything rings.
    Doorbells(u8* page, abi::IoAdapterRecord record)
        : page_(reinterpret_cast<volatile u32*>(page)),
          record_(record) {}

    /// `bell.function` is one of the record's, `bell.queue` a queue or abi::no_queue.
    void ring(const abi::Doorbell& bell) {
        waiting_functions_ |= 1u << bell.function;
        waiting_[bell.function] |= bell.queue == abi::no_queue ? abi::page_bell : 1u << bell.queue;
        if (held_ == 0)
            release();
    }

    /// While one of these lives nobody is told; then all are, at one time. A batch costs one exit
    /// in this way, however many of its parts ring.
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

    /// How often the firmware was called, since the client did not listen.
    [[nodiscard]] u64 count() const { return count_; }

  private:
    /// All that was written before is visible to who sees the bells; these before the doorbell.
    void release() {
        if (waiting_functions_ == 0)
            return;
        abi::BellPage& bells = record_.bells();
        for (u32 left = waiting_functions_; left != 0; left &= left - 1) {
            auto function = static_cast<u32>(std::countr_zero(left));
            bells.queues[function].fetch_or(std::exchange(waiting_[function], 0),
                                            std::memory_order_release);
        }
        bells.functions.fetch_or(std::exchange(waiting_functions_, 0), std::memory_order_seq_cst);
        if (record_.adapter().listeners.load(std::memory_order_seq_cst) != 0)
            return;
        *page_ = 1;
        ++count_;
    }

    volatile u32* page_;
    abi::IoAdapterRecord record_;
    u32 held_ = 0;
    u32 waiting_functions_ = 0;
    std::array<u32, abi::max_virtio_functions> waiting_{};
    u64 count_ = 0;
};

} // namespace cloison::io::adapter
