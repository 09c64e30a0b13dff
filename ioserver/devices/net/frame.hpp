// SPDX-License-Identifier: Apache-2.0
// An Ethernet frame on its way from one port to another: its first bytes in a copy that nobody else
// changes, the rest where the sender has it.
#pragma once

#include "ioserver/devices/net/virtio_net.hpp"
#include "ioserver/devices/queue/segments.hpp"

#include <algorithm>

namespace cloison::io {

inline constexpr u32 max_frame = 65'550 + 4; // a segment of 64 KiB to be cut, with a VLAN tag

struct Frame {
    /// What the sender wants done, num_buffers aside (virtio 1.2, section 5.1.6); the offsets count
    /// from the first byte of `head`.
    virtio_net_hdr_v1 header{};
    std::span<const u8> head;
    std::span<const Segment> body; // from `body_offset` on, so much of it
    u64 body_offset = 0;
    u64 body_size = 0;

    [[nodiscard]] u64 size() const { return head.size() + body_size; }
};

/// Hands `take` the parts of the frame's body, in order, while it returns true.
template <typename F>
void for_each_body_piece(const Frame& frame, F&& take) {
    u64 skip = frame.body_offset, left = frame.body_size;
    for (const Segment& segment : frame.body) {
        u64 skipped = std::min<u64>(skip, segment.size);
        skip -= skipped;
        auto size = static_cast<u32>(std::min(segment.size - skipped, left));
        left -= size;
        if (size != 0 && !take(Segment{segment.data + skipped, size}))
            return;
    }
}

/// Copies bytes [offset, offset + to.size()) of the frame; gives how many there were.
u64 copy_frame(const Frame& frame, u64 offset, std::span<u8> to);

/// Copies the frame to byte `offset` of `to`; gives how much there was room for. The one copy that
/// is made between two guests.
u64 place_frame(const Frame& frame, std::span<const Segment> to, u64 offset);

} // namespace cloison::io
