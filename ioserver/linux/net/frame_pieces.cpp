// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/net/frame_pieces.hpp"

namespace cloison::io {

usize gather(const Frame& frame, std::span<iovec> pieces) {
    usize count = 0;
    pieces[count++] = {const_cast<u8*>(frame.head.data()), frame.head.size()};
    bool fits = true;
    for_each_body_piece(frame, [&](const Segment& piece) {
        fits = count < pieces.size();
        if (fits)
            pieces[count++] = {piece.data, piece.size};
        return fits;
    });
    return fits ? count : 0;
}

} // namespace cloison::io
