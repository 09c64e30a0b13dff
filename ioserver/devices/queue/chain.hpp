// SPDX-License-Identifier: Apache-2.0
// From a head descriptor to the segments of its chain (virtio 1.2, section 2.7.5): direct and
// indirect, every descriptor copied once and judged before it is followed.
#pragma once

#include "ioserver/devices/queue/guest_memory.hpp"
#include "ioserver/devices/queue/queue_error.hpp"
#include "ioserver/devices/queue/ring.hpp"
#include "ioserver/devices/queue/segments.hpp"

namespace cloison::io {

/// What the driver made available in one piece: what the device may read, then what it may write.
struct Chain {
    u16 head = 0;
    std::span<Segment> readable;
    std::span<Segment> writable;
};

template <GuestMemory Memory>
class ChainWalk {
  public:
    /// The chain's segments go into `storage`, whose size is the most that the device takes.
    ChainWalk(const Memory& memory, const Ring& ring, bool indirect, std::span<Segment> storage)
        : memory_(memory),
          ring_(ring),
          indirect_(indirect),
          storage_(storage),
          steps_left_(ring.size() + storage.size()) {}

    [[nodiscard]] QueueError walk(u16 head, Chain& chain) {
        QueueError error = walk_table(ring_.descriptors(), ring_.size(), head, false);
        chain = {head, storage_.first(readable_), storage_.subspan(readable_, count_ - readable_)};
        return error;
    }

  private:
    /// A table has no more steps than entries, so a loop ends as a chain that is too long. An
    /// indirect table may have 2^28 entries, all of them empty: hence the second limit.
    QueueError walk_table(const u8* table, u32 entries, u32 index, bool nested) {
        for (u32 steps = 0; steps < entries && steps_left_ > 0; ++steps, --steps_left_) {
            auto descriptor = copy_of<vring_desc>(table + sizeof(vring_desc) * index);
            if ((descriptor.flags & VRING_DESC_F_INDIRECT) != 0)
                return follow(descriptor, nested);
            if (QueueError error = add(descriptor); error != QueueError::none)
                return error;
            if ((descriptor.flags & VRING_DESC_F_NEXT) == 0)
                return QueueError::none;
            index = descriptor.next;
            if (index >= entries)
                return QueueError::next_out_of_range;
        }
        return QueueError::chain_too_long;
    }

    /// An indirect table may end a chain of direct descriptors; its own VRING_DESC_F_WRITE means
    /// nothing (section 2.7.5.3.2).
    QueueError follow(const vring_desc& descriptor, bool nested) {
        if (!indirect_)
            return QueueError::indirect_not_negotiated;
        if (nested)
            return QueueError::indirect_nested;
        if ((descriptor.flags & VRING_DESC_F_NEXT) != 0)
            return QueueError::indirect_with_next;
        if (descriptor.len == 0 || descriptor.len % sizeof(vring_desc) != 0)
            return QueueError::indirect_size;
        std::span<u8> table = memory_.at(descriptor.addr, descriptor.len);
        if (table.empty())
            return QueueError::buffer_outside_memory;
        return walk_table(table.data(), descriptor.len / u32{sizeof(vring_desc)}, 0, true);
    }

    QueueError add(const vring_desc& descriptor) {
        bool writable = (descriptor.flags & VRING_DESC_F_WRITE) != 0;
        if (!writable && count_ != readable_)
            return QueueError::readable_after_writable;
        if (descriptor.len == 0)
            return QueueError::none;
        // Linux's block driver makes indirect chains of up to seg_max segments whatever the size of
        // the queue, so the device's limit is what counts, not section 2.7.5.3.1.
        if (count_ == storage_.size())
            return QueueError::chain_too_long;
        std::span<u8> bytes = memory_.at(descriptor.addr, descriptor.len);
        if (bytes.empty())
            return QueueError::buffer_outside_memory;
        total_ += descriptor.len;
        if (total_ > ~u32{0})
            return QueueError::buffer_too_large;
        storage_[count_++] = {bytes.data(), descriptor.len};
        readable_ += writable ? 0 : 1;
        return QueueError::none;
    }

    const Memory& memory_;
    const Ring& ring_;
    bool indirect_;
    std::span<Segment> storage_;
    usize steps_left_;
    u64 total_ = 0;
    u32 count_ = 0;
    u32 readable_ = 0; // the first so many of them
};

} // namespace cloison::io
