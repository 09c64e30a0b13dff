// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/net/frame_pieces.hpp"

#include <algorithm>

namespace cloison::io {

usize gather(const Frame& frame, std::span<iovec> pieces) {
    usize count = 0;
    pieces[count++] = {const_cast<u8*>(frame.head.data()), frame.head.size()};
    u64 skip = frame.body_offset, left = frame.body_size;
    for (const Segment& segment : frame.body) {
        u64 skipped = std::min<u64>(skip, segment.size);
        skip -= skipped;
        u64 size = std::min(segment.size - skipped, left);
        if (size == 0)
            continue;
        if (count == pieces.size())
            return 0;
        pieces[count++] = {segment.data + skipped, static_cast<usize>(size)};
        left -= size;
    }
    return count;
}

} // namespace cloison::io
