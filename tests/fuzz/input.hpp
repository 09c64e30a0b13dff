// SPDX-License-Identifier: Apache-2.0
// Fuzzing input as a source of decisions.
#pragma once

#include "firmware/abi/types.hpp"

#include <span>

namespace cloison::fuzz {

/// A byte for a small decision, up to eight for a number; zeroes when it is used up.
class Input {
  public:
    explicit Input(std::span<const u8> bytes) : bytes_(bytes) {}

    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    u64 bits() {
        u64 value = 0;
        for (u32 length = byte() % 9u; length > 0; --length)
            value = value << 8 | byte();
        return value;
    }
    u32 below(u64 n) { return static_cast<u32>(byte() % n); }
    u16 word() {
        u32 low = byte();
        return static_cast<u16>(low | u32{byte()} << 8);
    }
    u8 byte() {
        if (bytes_.empty())
            return 0;
        u8 value = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return value;
    }

  private:
    std::span<const u8> bytes_;
};

} // namespace cloison::fuzz
