// SPDX-License-Identifier: Apache-2.0
// The chains that a guest gave for frames to come: taken as frames need them, kept when a frame
// turns out not to fit.
#pragma once

#include "ioserver/devices/queue/queue.hpp"

#include <array>

namespace cloison::io {

template <GuestMemory Memory>
class ReceiveBuffers {
  public:
    /// A frame of 64 KiB takes 44 of Linux's smallest buffers, or one of 19 segments.
    static constexpr u32 max_chains = 64, max_segments = 24;

    struct Buffer {
        u16 head = 0;
        std::span<Segment> room;
    };

    /// Forgets all, without giving it back.
    void clear() { count_ = 0; }
    [[nodiscard]] u32 held() const { return count_; }

    /// The first `wanted` buffers, as far as there are so many.
    std::span<Buffer> peek(Queue<Memory>& queue, u32 wanted) {
        while (count_ < wanted && count_ < max_chains) {
            Chain chain;
            u32 slot = (first_ + count_) % max_chains;
            if (queue.take(storage_[slot], chain) != Take::chain)
                break;
            if (!chain.readable.empty() || chain.writable.empty()) { // section 5.1.6.3.2
                queue.fail(QueueError::request_malformed);
                break;
            }
            buffers_[count_++] = {chain.head, chain.writable};
        }
        return std::span(buffers_).first(std::min(wanted, count_));
    }
    /// Gives the first of them back, with `length` bytes in it; not yet published.
    void give_back(Queue<Memory>& queue, u32 length) {
        queue.give_back(buffers_[0].head, length);
        std::copy(buffers_.begin() + 1, buffers_.begin() + count_, buffers_.begin());
        --count_;
        first_ = (first_ + 1) % max_chains;
    }

  private:
    std::array<std::array<Segment, max_segments>, max_chains> storage_;
    std::array<Buffer, max_chains> buffers_; // the first count_, whose storage begins at first_
    u32 first_ = 0;
    u32 count_ = 0;
};

} // namespace cloison::io
