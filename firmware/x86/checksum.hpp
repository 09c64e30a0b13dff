// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "firmware/abi/crc32.hpp"
#include "firmware/x86/instructions.hpp"

#include <cstring>
#include <span>

namespace cloison::x86 {

/// abi::crc32c by the CPU's CRC32 instruction where it has one (SSE4.2): images are megabytes.
inline u32 crc32c(std::span<const u8> bytes) {
    constexpr u32 sse42 = 1 << 20;
    if ((cpuid(1).ecx & sse42) == 0)
        return abi::crc32c(bytes);
    u64 c = ~u32{0};
    while (bytes.size() >= 8) {
        u64 word;
        std::memcpy(&word, bytes.data(), sizeof word);
        asm("crc32q %1, %0" : "+r"(c) : "r"(word));
        bytes = bytes.subspan(8);
    }
    for (u8 byte : bytes)
        asm("crc32b %1, %0" : "+r"(c) : "rm"(byte));
    return ~static_cast<u32>(c);
}

} // namespace cloison::x86
