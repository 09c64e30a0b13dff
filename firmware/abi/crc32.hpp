// SPDX-License-Identifier: Apache-2.0
// CRC-32 (IEEE 802.3, reflected, as in zlib): finds every damaged byte of a manifest, and every
// burst of up to 32 bits. It guards against damage, not against malice.
#pragma once

#include "firmware/abi/types.hpp"

#include <array>
#include <span>

namespace cloison::abi {

namespace detail {
constexpr std::array<u32, 256> make_crc_table() {
    std::array<u32, 256> table{};
    for (u32 i = 0; i < table.size(); ++i) {
        u32 c = i;
        for (int bit = 0; bit < 8; ++bit)
            c = (c & 1) ? 0xEDB88320u ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    return table;
}
inline constexpr std::array<u32, 256> crc_table = make_crc_table();
} // namespace detail

/// CRC-32 of `bytes`; pass an earlier result as `seed` to continue it.
constexpr u32 crc32(std::span<const u8> bytes, u32 seed = 0) {
    u32 c = ~seed;
    for (u8 byte : bytes)
        c = detail::crc_table[(c ^ byte) & 0xFF] ^ (c >> 8);
    return ~c;
}

static_assert(crc32(std::array<u8, 9>{'1', '2', '3', '4', '5', '6', '7', '8', '9'}) == 0xCBF43926);

} // namespace cloison::abi
