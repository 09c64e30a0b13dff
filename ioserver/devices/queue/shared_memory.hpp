// SPDX-License-Identifier: Apache-2.0
// Access to memory that a guest, or another process, writes at the same time: each field is read
// once, into a copy that nobody else can change, and only the copy is judged.
#pragma once

#include "firmware/abi/types.hpp"

#include <atomic>
#include <bit>
#include <concepts>
#include <cstring>

namespace cloison::io {

static_assert(std::endian::native == std::endian::little,
              "virtio 1.2, section 1.4: fields are little endian");

/// Reads the T at `at`, which must be aligned for it, in one access.
template <std::unsigned_integral T>
[[nodiscard]] T load(u8* at, std::memory_order order = std::memory_order_relaxed) {
    return std::atomic_ref<T>(*reinterpret_cast<T*>(at)).load(order);
}

/// Writes the T at `at`, which must be aligned for it, in one access.
template <std::unsigned_integral T>
void store(u8* at, T value, std::memory_order order = std::memory_order_relaxed) {
    std::atomic_ref<T>(*reinterpret_cast<T*>(at)).store(value, order);
}

/// A copy of the T at `at`, of any alignment. The fence keeps the compiler from looking again at
/// the original when the copy is used.
template <typename T>
[[nodiscard]] T copy_of(const u8* at) {
    T copy;
    std::memcpy(&copy, at, sizeof copy);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return copy;
}

/// Ring indices are counted modulo 2^16 (virtio 1.2, section 2.7.6).
[[nodiscard]] constexpr u16 wrap16(u32 value) {
    return static_cast<u16>(value);
}

} // namespace cloison::io
