// SPDX-License-Identifier: Apache-2.0
// A virtio entropy device (virtio 1.2, section 5.4): fills what the driver offers.
#pragma once

#include "ioserver/devices/queue/queue.hpp"

#include <array>

namespace cloison::io {

/// Gives how many of the bytes it has filled: all, some, or none for now.
template <typename S>
concept EntropySource = requires(S& source, std::span<u8> bytes) {
    { source.fill(bytes) } -> std::same_as<usize>;
};

template <GuestMemory Memory, EntropySource Source>
class RngDevice {
  public:
    /// Bytes given for one request: the driver asks again, and its neighbours get a turn.
    static constexpr usize most_at_once = 4096;

    explicit RngDevice(Source& source) : source_(source) {}

    [[nodiscard]] u64 features() const { return queue_features; }
    [[nodiscard]] QueueError start_queue(const Memory& memory, const QueueLayout& layout,
                                         u64 features, std::span<u8> record, u16 base) {
        return queue_.start(memory, layout, features & queue_features, record, base);
    }
    void stop_queue() { queue_.stop(); }
    [[nodiscard]] Queue<Memory>& queue() { return queue_; }

    /// Answers at most 16 requests. True when there may be more.
    bool serve() {
        for (u32 count = 0; count < 16; ++count) {
            Chain chain;
            if (queue_.take(segments_, chain) != Take::chain)
                return false;
            // The driver must not offer anything to read (section 5.4.6.1), nor nothing at all.
            if (!chain.readable.empty() || chain.writable.empty()) {
                queue_.fail(QueueError::request_malformed);
                return false;
            }
            queue_.complete(chain.head, fill(chain.writable));
        }
        return queue_.has_available();
    }

  private:
    u32 fill(std::span<const Segment> segments) {
        usize done = 0;
        for (const Segment& segment : segments) {
            usize wanted = std::min<usize>(segment.size, most_at_once - done);
            usize filled = source_.fill({segment.data, wanted});
            done += filled;
            if (filled < segment.size)
                break;
        }
        return static_cast<u32>(done);
    }

    Source& source_;
    Queue<Memory> queue_;
    std::array<Segment, 64> segments_;
};

} // namespace cloison::io
