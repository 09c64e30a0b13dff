// SPDX-License-Identifier: Apache-2.0
// How the real-time clock writes numbers, as its register B says: BCD or binary, 12 or 24 hours.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::core {

struct RtcFormat {
    bool binary;
    bool hours_24;

    /// `value` below 100.
    [[nodiscard]] constexpr u8 encode(u32 value) const {
        return static_cast<u8>(binary ? value : value / 10 * 16 + value % 10);
    }

    /// Any byte gives some number; digits above 9 count as what they are.
    [[nodiscard]] constexpr u32 decode(u8 value) const {
        return binary ? value : value / 16u * 10 + value % 16u;
    }

    /// `hour` from 0 to 23.
    [[nodiscard]] constexpr u8 encode_hour(u32 hour) const {
        if (hours_24)
            return encode(hour);
        u8 half = encode(hour % 12 == 0 ? 12 : hour % 12);
        return hour >= 12 ? half | pm : half;
    }

    [[nodiscard]] constexpr u32 decode_hour(u8 value) const {
        if (hours_24)
            return decode(value);
        return decode(value & static_cast<u8>(~pm)) % 12 + ((value & pm) != 0 ? 12 : 0);
    }

  private:
    static constexpr u8 pm = 0x80;
};

} // namespace cloison::core
