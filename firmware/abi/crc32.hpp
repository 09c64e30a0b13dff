// SPDX-License-Identifier: Apache-2.0
// Checksums that find every damaged byte, and every burst of up to 32 bits. They guard against
// damage, not against malice. CRC-32 (IEEE 802.3, as in zlib) for manifests; CRC-32C (Castagnoli,
// as in iSCSI) for boot images, since CPUs compute it eight bytes at a time.
#pragma once

#include "firmware/abi/types.hpp"

#include <array>
#include <span>

namespace cloison::abi {

namespace detail {

/// The table of a reflected polynomial.
template <u32 Polynomial>
constexpr std::array<u32, 256> make_crc_table() {
    std::array<u32, 256> table{};
    for (u32 i = 0; i < table.size(); ++i) {
        u32 c = i;
        for (int bit = 0; bit < 8; ++bit)
            c = (c & 1) != 0 ? Polynomial ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    return table;
}

template <u32 Polynomial>
inline constexpr std::array<u32, 256> crc_table = make_crc_table<Polynomial>();

template <u32 Polynomial>
constexpr u32 crc(std::span<const u8> bytes, u32 seed) {
    u32 c = ~seed;
    for (u8 byte : bytes)
        c = crc_table<Polynomial>[(c ^ byte) & 0xFF] ^ (c >> 8);
    return ~c;
}

} // namespace detail

/// CRC-32 of `bytes`; pass an earlier result as `seed` to continue it.
constexpr u32 crc32(std::span<const u8> bytes, u32 seed = 0) {
    return detail::crc<0xEDB88320>(bytes, seed);
}

/// CRC-32C likewise.
constexpr u32 crc32c(std::span<const u8> bytes, u32 seed = 0) {
    return detail::crc<0x82F63B78>(bytes, seed);
}

namespace detail {
inline constexpr std::array<u8, 9> check_bytes{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
static_assert(crc32(check_bytes) == 0xCBF43926);
static_assert(crc32c(check_bytes) == 0xE3069283);
} // namespace detail

} // namespace cloison::abi
