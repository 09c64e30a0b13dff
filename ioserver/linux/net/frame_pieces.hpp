// SPDX-License-Identifier: Apache-2.0
// A frame as the kernel takes it: in pieces, where they lie.
#pragma once

#include "ioserver/devices/net/frame.hpp"

#include <sys/uio.h>

namespace cloison::io {

/// As many as a frame has at most: its head, and the segments of a transmit chain.
inline constexpr usize max_frame_pieces = 80;

/// Fills `pieces` with the bytes of the frame; gives their number, 0 where there are too many.
[[nodiscard]] usize gather(const Frame& frame, std::span<iovec> pieces);

} // namespace cloison::io
