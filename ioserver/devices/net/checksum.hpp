// SPDX-License-Identifier: Apache-2.0
// The Internet checksum (RFC 1071), over memory in pieces.
#pragma once

#include "ioserver/devices/queue/segments.hpp"

namespace cloison::io {

/// Adds bytes up as 16-bit big endian words, wherever the pieces end.
class ChecksumSum {
  public:
    void add(std::span<const u8> bytes);
    void add_word(u32 word) { sum_ += (word >> 16) + (word & 0xFFFF); } // in host order
    /// Bytes [offset, offset + size) of the list; the whole of it must be there.
    void add(std::span<const Segment> segments, u64 offset, u64 size);

    /// The sum folded to 16 bits, in host order; its complement is the checksum.
    [[nodiscard]] u16 folded() const;

  private:
    u64 sum_ = 0;
    bool odd_ = false; // an odd number of bytes so far
};

} // namespace cloison::io
