// SPDX-License-Identifier: Apache-2.0
// A split virtqueue, device side (virtio 1.2, section 2.7): chains are taken, given back in any
// order, and notifications held back both ways. All that the driver writes is taken for hostile;
// what breaks a rule breaks this queue and nothing else.
#pragma once

#include "ioserver/devices/queue/chain.hpp"
#include "ioserver/devices/queue/inflight.hpp"

#include <linux/virtio_config.h>

namespace cloison::io {

enum class Take : u8 {
    chain,   // there is one
    nothing, // not now
    broken,  // never again until the queue is started anew: see error()
};

/// Bit `feature`, as linux/virtio_*.h number them.
[[nodiscard]] constexpr u64 feature_bit(u32 feature) {
    return u64{1} << feature;
}

inline constexpr u64 queue_features = feature_bit(VIRTIO_F_VERSION_1) |
                                      feature_bit(VIRTIO_RING_F_INDIRECT_DESC) |
                                      feature_bit(VIRTIO_RING_F_EVENT_IDX);

template <GuestMemory Memory>
class Queue {
  public:
    /// Goes on where the record says, so that take() first gives what an earlier server left in
    /// flight; a blank record begins at available index `base`. `memory` and the record's bytes are
    /// used until stop().
    [[nodiscard]] QueueError start(const Memory& memory, const QueueLayout& layout, u64 features,
                                   std::span<u8> record, u16 base = 0) {
        stop();
        features_ = features;
        error_ = ring_.attach(memory, layout);
        if (error_ == QueueError::none && !record_.attach(record, ring_.size(), base))
            error_ = QueueError::record_invalid;
        if (error_ != QueueError::none)
            return error_;
        memory_ = &memory;
        resume();
        return error_;
    }
    void stop() {
        memory_ = nullptr;
        error_ = QueueError::none;
    }

    [[nodiscard]] bool running() const { return memory_ != nullptr && error_ == QueueError::none; }
    [[nodiscard]] QueueError error() const { return error_; }
    /// Chains taken and not given back, those of earlier servers included.
    [[nodiscard]] u32 in_flight() const { return record_.in_flight(); }
    /// The available index that is taken next.
    [[nodiscard]] u16 next_available() const { return next_available_; }
    /// Chains given back, modulo 2^16.
    [[nodiscard]] u16 used_index() const { return record_.used_index(); }

    /// The next chain, its segments in `storage`, whose size is the most a chain may have.
    [[nodiscard]] Take take(std::span<Segment> storage, Chain& chain) {
        if (!running())
            return error_ == QueueError::none ? Take::nothing : Take::broken;
        std::optional<u16> head = take_left_over();
        if (!head)
            head = take_available();
        if (!head)
            return running() ? Take::nothing : Take::broken;
        bool indirect = (features_ & feature_bit(VIRTIO_RING_F_INDIRECT_DESC)) != 0;
        fail(ChainWalk(*memory_, ring_, indirect, storage).walk(*head, chain));
        return running() ? Take::chain : Take::broken;
    }

    /// Whether take() would have something to say, without taking it.
    [[nodiscard]] bool has_available() {
        return running() && (left_over_ > 0 || ring_.available_index() != next_available_);
    }

    /// Gives back the chain with this head; `length` bytes of what is writable were written, from
    /// the first on. Nothing happens on a queue that is broken, or for a chain that was not taken.
    void complete(u16 head, u32 length) {
        give_back(head, length);
        publish();
    }
    /// The same, but the driver sees it only after publish(): all chains of a batch at one time.
    void give_back(u16 head, u32 length) {
        if (running() && head < ring_.size() && record_.note_completion({head, length}))
            carry_out({head, length});
    }
    void publish() {
        if (running())
            ring_.publish_used_index(used_index());
    }

    /// Stops the queue for good, as a device does that finds a request it cannot answer.
    void fail(QueueError error) {
        if (error_ == QueueError::none)
            error_ = error;
    }

    /// Whether the driver wants to be notified of what was given back since this was last asked
    /// (sections 2.7.7 and 2.7.10).
    [[nodiscard]] bool take_notification() {
        if (!running())
            return false;
        u16 from = notified_, to = used_index();
        notified_ = to;
        if (from == to && !notify_anyway_)
            return false;
        std::atomic_thread_fence(std::memory_order_seq_cst); // the index first, then the wish
        bool always = notify_anyway_;
        notify_anyway_ = false;
        if (always)
            return true;
        if ((features_ & feature_bit(VIRTIO_RING_F_EVENT_IDX)) != 0)
            return vring_need_event(ring_.used_event(), to, from) != 0;
        return (ring_.available_flags() & VRING_AVAIL_F_NO_INTERRUPT) == 0;
    }

    /// Asks the driver to kick from now on. True when something came before it could know: then
    /// there will be no kick for that.
    [[nodiscard]] bool enable_kicks() {
        if (!running())
            return false;
        kicks_disabled_ = false;
        ring_.write_used_flags(0);
        ring_.write_available_event(next_available_);
        std::atomic_thread_fence(std::memory_order_seq_cst); // the wish first, then the index
        return has_available();
    }

    /// Tells the driver that kicks are of no use for now; some may come all the same.
    void disable_kicks() {
        // With event indices flags stay 0 (section 2.7.10), and an event index that is behind does.
        if (!running() || kicks_disabled_)
            return;
        kicks_disabled_ = true; // said once: who polls says it all the time
        if ((features_ & feature_bit(VIRTIO_RING_F_EVENT_IDX)) == 0)
            ring_.write_used_flags(VRING_USED_F_NO_NOTIFY);
    }

  private:
    void resume() {
        if (std::optional<InflightRecord::Completion> unfinished = record_.unfinished())
            carry_out(*unfinished);
        publish();
        next_available_ = seen_available_ = record_.next_available();
        left_over_ = record_.in_flight();
        last_left_over_ = 0;
        notified_ = record_.used_index();
        // Whoever gave back the last one may not have lived to say so.
        notify_anyway_ = true;
        kicks_disabled_ = false; // or as the last one left it
    }

    void carry_out(const InflightRecord::Completion& completion) {
        ring_.write_used(record_.used_index(), completion.head, completion.length);
        record_.finish_completion(completion.head);
    }

    std::optional<u16> take_left_over() {
        if (left_over_ == 0)
            return std::nullopt;
        std::optional<u16> head = record_.next_taken(&last_left_over_);
        if (!head) // two with the same turn
            fail(QueueError::record_invalid);
        --left_over_;
        return head;
    }

    std::optional<u16> take_available() {
        if (!running())
            return std::nullopt;
        if (next_available_ == seen_available_) {
            seen_available_ = ring_.available_index();
            if (wrap16(seen_available_ - u32{next_available_}) > ring_.size())
                fail(QueueError::index_jump);
        }
        if (!running() || next_available_ == seen_available_)
            return std::nullopt;
        u16 head = ring_.available_head(next_available_);
        if (head >= ring_.size())
            fail(QueueError::head_out_of_range);
        else if (!record_.begin(head))
            fail(QueueError::head_in_flight);
        if (!running())
            return std::nullopt;
        next_available_ = wrap16(next_available_ + 1u);
        return head;
    }

    const Memory* memory_ = nullptr;
    Ring ring_;
    InflightRecord record_;
    u64 features_ = 0;
    QueueError error_ = QueueError::none;
    u16 next_available_ = 0;
    u16 seen_available_ = 0; // the driver's index when it was last looked at
    u16 notified_ = 0;       // the used index when a notification was last thought about
    bool notify_anyway_ = false;
    bool kicks_disabled_ = false;
    u32 left_over_ = 0; // requests of earlier servers, not yet given by take()
    u64 last_left_over_ = 0;
};

} // namespace cloison::io
