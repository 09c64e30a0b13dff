// SPDX-License-Identifier: Apache-2.0
// The integer names used throughout the freestanding code, and the few helpers every part needs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cloison {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i64 = std::int64_t;
using usize = std::size_t;

inline constexpr u64 kib = 1024;
inline constexpr u64 mib = 1024 * kib;
inline constexpr u64 gib = 1024 * mib;
inline constexpr u64 page_size = 4 * kib;
inline constexpr u64 large_page_size = 2 * mib;

/// `value` rounded up to a multiple of `step`, a power of two. Wraps for values within `step` of
/// 2^64.
constexpr u64 round_up(u64 value, u64 step) {
    return (value + step - 1) & ~(step - 1);
}

constexpr u64 round_down(u64 value, u64 step) {
    return value & ~(step - 1);
}

/// A range of addresses [base, base + size).
struct Extent {
    u64 base = 0;
    u64 size = 0;

    [[nodiscard]] constexpr bool empty() const { return size == 0; }
    /// True when base + size does not exceed 2^64.
    [[nodiscard]] constexpr bool sane() const { return size == 0 || base <= ~u64{0} - (size - 1); }
    /// First address past the range; only meaningful for a sane() extent that ends below 2^64.
    [[nodiscard]] constexpr u64 end() const { return base + size; }
    [[nodiscard]] constexpr bool contains(u64 address) const {
        return address >= base && address - base < size;
    }
    /// True when all of `other` lies inside. An empty extent lies anywhere.
    [[nodiscard]] constexpr bool contains(const Extent& other) const {
        return other.size == 0 || (other.base >= base && other.base - base <= size &&
                                   other.size <= size - (other.base - base));
    }
    [[nodiscard]] constexpr bool overlaps(const Extent& other) const {
        return size != 0 && other.size != 0 && (contains(other.base) || other.contains(base));
    }
};

} // namespace cloison
