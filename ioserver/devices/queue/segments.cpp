// SPDX-License-Identifier: Apache-2.0
#include "ioserver/devices/queue/segments.hpp"

#include <algorithm>
#include <cstring>

namespace cloison::io {

namespace {

/// Calls visit(piece, size, done) for each piece of the list that lies in [offset, offset + limit).
template <typename Visit>
u64 for_range(std::span<const Segment> segments, u64 offset, u64 limit, Visit visit) {
    u64 done = 0;
    for (const Segment& segment : segments) {
        if (done == limit)
            break;
        if (offset >= segment.size) {
            offset -= segment.size;
            continue;
        }
        usize size = std::min<u64>(segment.size - offset, limit - done);
        visit(segment.data + offset, size, done);
        done += size;
        offset = 0;
    }
    return done;
}

} // namespace

u64 total_size(std::span<const Segment> segments) {
    u64 sum = 0;
    for (const Segment& segment : segments)
        sum += segment.size;
    return sum;
}

u64 copy_in(std::span<const Segment> to, u64 offset, std::span<const u8> from) {
    return for_range(to, offset, from.size(), [&](u8* piece, usize size, u64 done) {
        std::memcpy(piece, from.data() + done, size);
    });
}

u64 copy_out(std::span<const Segment> from, u64 offset, std::span<u8> to) {
    return for_range(from, offset, to.size(), [&](const u8* piece, usize size, u64 done) {
        std::memcpy(to.data() + done, piece, size);
    });
}

bool take_front(std::span<Segment>& segments, void* to, u32 size) {
    if (total_size(segments) < size)
        return false;
    copy_out(segments, 0, {static_cast<u8*>(to), size});
    while (size > 0) {
        Segment& first = segments.front();
        u32 taken = std::min(size, first.size);
        first = {first.data + taken, first.size - taken};
        size -= taken;
        if (first.size == 0)
            segments = segments.subspan(1);
    }
    return true;
}

u8* take_last_byte(std::span<Segment>& segments) {
    if (segments.empty())
        return nullptr;
    Segment& last = segments.back();
    u8* byte = last.data + --last.size;
    if (last.size == 0)
        segments = segments.first(segments.size() - 1);
    return byte;
}

} // namespace cloison::io
