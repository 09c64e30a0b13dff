// SPDX-License-Identifier: Apache-2.0
// A virtio block device (virtio 1.2, section 5.2): takes requests off its queues, hands them to a
// back end, and gives them back as they are done. No data is copied, and no queue waits for
// another.
#pragma once

#include "ioserver/devices/block/block_config.hpp"
#include "ioserver/devices/config_space.hpp"
#include "ioserver/devices/queue/queue.hpp"

namespace cloison::io {

/// Requests answered since the device was made, by what they were; bytes of those that went well.
struct BlockStatistics {
    u64 reads = 0, read_bytes = 0;
    u64 writes = 0, written_bytes = 0;
    u64 flushes = 0;
    u64 discards = 0; // and zeroes to be written
    u64 errors = 0;   // of all kinds, refused ones included
};

/// `slots`: requests that can be with the back end at one time, over all queues.
template <GuestMemory Memory, BlockBackend Backend, u32 slots = 128>
class BlockDevice {
  public:
    static constexpr u32 max_queues = 16;
    static constexpr u32 max_segments = 128; // of a request, header and status included

    /// `disk.queues` may be 1 to max_queues, `disk.max_segments` max_segments - 2 at most.
    BlockDevice(Backend& backend, const DiskProperties& disk) : backend_(backend), disk_(disk) {
        for (u32 slot = 0; slot < slots; ++slot)
            free_[slot] = slot;
    }

    [[nodiscard]] u64 features() const { return block_features(disk_); }
    [[nodiscard]] u32 queues() const { return disk_.queues; }
    void read_config(u32 offset, std::span<u8> to) const {
        read_config_space(block_config(disk_), offset, to);
    }
    /// The disk is as its back end says it is now; the guest reads it when it is told to.
    void resize(u64 sectors) { disk_.sectors = sectors; }

    /// `index` below queues(); `features` as the driver accepted them.
    [[nodiscard]] QueueError start_queue(u32 index, const Memory& memory, const QueueLayout& layout,
                                         u64 features, std::span<u8> record, u16 base) {
        features_ = features & this->features();
        return queues_[index].start(memory, layout, features_, record, base);
    }
    /// Only when the back end has none of its requests any more: see busy().
    void stop_queue(u32 index) { queues_[index].stop(); }
    [[nodiscard]] Queue<Memory>& queue(u32 index) { return queues_[index]; }
    /// Requests of this queue that are with the back end.
    [[nodiscard]] u32 busy(u32 index) const { return busy_[index]; }
    [[nodiscard]] const BlockStatistics& statistics() const { return statistics_; }

    /// Takes what is available, so much at most that each queue has its turn. True when there may
    /// be more; false also while blocked().
    bool serve(u32 index) {
        for (u32 count = 0; count < slots; ++count)
            if (!offer_again() || blocked() || !take_one(index, queues_[index]))
                return false;
        return queues_[index].has_available();
    }
    /// Nothing can be taken before reap() has found something.
    [[nodiscard]] bool blocked() const { return waiting_.has_value() || free_count_ == 0; }

    /// Gives back what the back end has done. True when there was something.
    bool reap() {
        bool any = false;
        while (std::optional<BlockCompletion> completion = backend_.completed()) {
            finish(completion->token, completion->status);
            any = true;
        }
        return any;
    }

  private:
    struct Slot {
        u32 queue = 0;
        u16 head = 0;
        u8* status_byte = nullptr;
        u32 written = 0;
        bool answered_here = false; // the back end never saw it
        BlockRequest request;
        std::array<Segment, max_segments> segments;
    };

    /// False when there was no request, or none can be taken now.
    bool take_one(u32 index, Queue<Memory>& queue) {
        u32 token = free_[free_count_ - 1];
        Slot& slot = slots_[token];
        Chain chain;
        if (queue.take(slot.segments, chain) != Take::chain)
            return false;
        ParsedRequest parsed = parse_block_request(chain, disk_, features_);
        if (parsed.verdict == BlockVerdict::malformed) {
            queue.fail(QueueError::request_malformed);
            return false;
        }
        --free_count_;
        ++busy_[index];
        slot.queue = index;
        slot.head = chain.head;
        slot.status_byte = parsed.status_byte;
        slot.written = parsed.written;
        slot.request = parsed.request;
        slot.request.token = token;
        slot.answered_here = parsed.verdict == BlockVerdict::answered;
        if (slot.answered_here)
            finish(token, parsed.status);
        else if (!backend_.submit(slot.request))
            waiting_ = token;
        return true;
    }

    /// False while the back end refuses the request that it refused before.
    bool offer_again() {
        if (waiting_ && backend_.submit(slots_[*waiting_].request))
            waiting_.reset();
        return !waiting_;
    }

    void finish(u32 token, BlockStatus status) {
        Slot& slot = slots_[token];
        Queue<Memory>& queue = queues_[slot.queue];
        count(slot, status);
        if (queue.running()) {
            *slot.status_byte = static_cast<u8>(status);
            // What a failed read filled is not known, so that is none of it.
            queue.complete(slot.head, (status == BlockStatus::ok ? slot.written : 0) + 1);
        }
        --busy_[slot.queue];
        free_[free_count_++] = token;
    }

    void count(const Slot& slot, BlockStatus status) {
        if (status != BlockStatus::ok) {
            ++statistics_.errors;
        } else if (slot.answered_here) { // the serial number
        } else if (slot.request.operation == BlockOperation::read) {
            ++statistics_.reads;
            statistics_.read_bytes += slot.request.size;
        } else if (slot.request.operation == BlockOperation::write) {
            ++statistics_.writes;
            statistics_.written_bytes += slot.request.size;
        } else {
            ++(slot.request.operation == BlockOperation::flush ? statistics_.flushes
                                                               : statistics_.discards);
        }
    }

    Backend& backend_;
    DiskProperties disk_;
    BlockStatistics statistics_;
    u64 features_ = 0;
    std::array<Queue<Memory>, max_queues> queues_;
    std::array<u32, max_queues> busy_{};
    std::array<Slot, slots> slots_;
    std::array<u32, slots> free_{};
    u32 free_count_ = slots;
    std::optional<u32> waiting_; // taken, but the back end had no room
};

} // namespace cloison::io
