// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "firmware/abi/crc32.hpp"
#include "firmware/x86/instructions.hpp"

#include <span>
#include <utility>

namespace cloison::x86 {

/// Eight bytes of anything, anywhere.
using AnyWord [[gnu::aligned(1), gnu::may_alias]] = u64;

inline u64 crc32c_step(u64 c, const AnyWord& word) {
    asm("crc32q %1, %0" : "+r"(c) : "m"(word));
    return c;
}

/// A step for each index, and no loop.
template <usize... Index>
u64 crc32c_steps(u64 c, const AnyWord* words, std::index_sequence<Index...>) {
    ((c = crc32c_step(c, words[Index])), ...);
    return c;
}

/// abi::crc32c by the CPU's CRC32 instruction where it has one (SSE4.2). Images are megabytes, a
/// vmlinux fifty: word by word that is 35 million instructions, line by line 10 million.
inline u32 crc32c(std::span<const u8> bytes) {
    constexpr u32 sse42 = 1 << 20;
    constexpr usize words = 8, line = words * sizeof(AnyWord);
    if ((cpuid(1).ecx & sse42) == 0)
        return abi::crc32c(bytes);
    u64 c = ~u32{0};
    for (; bytes.size() >= line; bytes = bytes.subspan(line))
        c = crc32c_steps(c, reinterpret_cast<const AnyWord*>(bytes.data()),
                         std::make_index_sequence<words>());
    for (u8 byte : bytes)
        asm("crc32b %1, %0" : "+r"(c) : "rm"(byte));
    return ~static_cast<u32>(c);
}

} // namespace cloison::x86
