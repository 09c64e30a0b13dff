// SPDX-License-Identifier: Apache-2.0
// A guest's buffers as they lie here: lists of pieces of memory, and how to go along them.
#pragma once

#include "firmware/abi/types.hpp"

#include <span>

namespace cloison::io {

/// A piece of the guest's memory, already judged to be that. The guest may write it at any time.
struct Segment {
    u8* data = nullptr;
    u32 size = 0;
};

/// Bytes in all segments.
[[nodiscard]] u64 total_size(std::span<const Segment> segments);

/// Copies the first `size` bytes out and takes them off the front of the list, in place. False, and
/// nothing changed, where there are fewer.
[[nodiscard]] bool take_front(std::span<Segment>& segments, void* to, u32 size);

/// Takes the last byte off the end of the list, in place: null where there is none.
[[nodiscard]] u8* take_last_byte(std::span<Segment>& segments);

/// Copies as many bytes as both have room for, from `from` and to `to`, both from byte `offset` of
/// theirs on. Gives the number copied.
u64 copy_in(std::span<const Segment> to, u64 offset, std::span<const u8> from);
u64 copy_out(std::span<const Segment> from, u64 offset, std::span<u8> to);

} // namespace cloison::io
