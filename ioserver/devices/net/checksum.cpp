// SPDX-License-Identifier: Apache-2.0
#include "ioserver/devices/net/checksum.hpp"

#include <algorithm>

namespace cloison::io {

void ChecksumSum::add(std::span<const u8> bytes) {
    for (u8 byte : bytes) {
        sum_ += odd_ ? u64{byte} : u64{byte} << 8;
        odd_ = !odd_;
    }
}

void ChecksumSum::add(std::span<const Segment> segments, u64 offset, u64 size) {
    for (const Segment& segment : segments) {
        u64 skipped = std::min<u64>(offset, segment.size);
        offset -= skipped;
        u64 taken = std::min(segment.size - skipped, size);
        add(std::span<const u8>(segment.data + skipped, static_cast<usize>(taken)));
        size -= taken;
    }
}

u16 ChecksumSum::folded() const {
    u64 sum = sum_;
    while ((sum >> 16) != 0)
        sum = (sum >> 16) + (sum & 0xFFFF);
    return static_cast<u16>(sum);
}

} // namespace cloison::io
