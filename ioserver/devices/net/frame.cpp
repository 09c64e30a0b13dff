// SPDX-License-Identifier: Apache-2.0
#include "ioserver/devices/net/frame.hpp"

#include <algorithm>

namespace cloison::io {

u64 copy_frame(const Frame& frame, u64 offset, std::span<u8> to) {
    u64 done = 0;
    if (offset < frame.head.size()) {
        done = std::min<u64>(to.size(), frame.head.size() - offset);
        std::copy_n(frame.head.data() + offset, done, to.data());
    }
    u64 from = offset + done - std::min<u64>(frame.head.size(), offset + done);
    if (from >= frame.body_size)
        return done;
    u64 rest = std::min(to.size() - done, frame.body_size - from);
    return done + copy_out(frame.body, frame.body_offset + from, to.subspan(done, rest));
}

u64 place_frame(const Frame& frame, std::span<const Segment> to, u64 offset) {
    u64 done = copy_in(to, offset, frame.head);
    if (done < frame.head.size())
        return done;
    for_each_body_piece(frame, [&](const Segment& piece) {
        u64 placed = copy_in(to, offset + done, {piece.data, piece.size});
        done += placed;
        return placed == piece.size;
    });
    return done;
}

} // namespace cloison::io
