// SPDX-License-Identifier: Apache-2.0
// A virtual CPU's general registers, numbered as instructions encode them (SDM vol. 2A, table 2-2
// and 2.2.1.2).
#pragma once

#include "firmware/abi/types.hpp"

#include <asm/processor-flags.h>

namespace cloison::core {

inline constexpr u8 rax = 0, rcx = 1, rdx = 2, rbx = 3, rsp = 4, rbp = 5, rsi = 6, rdi = 7, r8 = 8,
                    r9 = 9, r10 = 10, r11 = 11, r12 = 12, r13 = 13, r14 = 14, r15 = 15;

inline constexpr u64 rflags_cf = X86_EFLAGS_CF, rflags_pf = X86_EFLAGS_PF,
                     rflags_af = X86_EFLAGS_AF, rflags_zf = X86_EFLAGS_ZF,
                     rflags_sf = X86_EFLAGS_SF, rflags_df = X86_EFLAGS_DF,
                     rflags_of = X86_EFLAGS_OF, rflags_rf = X86_EFLAGS_RF,
                     rflags_ac = X86_EFLAGS_AC;

/// The flags that arithmetic writes.
inline constexpr u64 rflags_status =
    rflags_cf | rflags_pf | rflags_af | rflags_zf | rflags_sf | rflags_of;

struct Registers {
    u64 gpr[16]{}; // first: assembly code stores it as 16 words
    u64 rip = 0;
    u64 rflags = X86_EFLAGS_FIXED;
};

/// A register operand; its size is the instruction's. `high`: bits 15:8 of registers 0 to 3 (AH,
/// CH, DH, BH).
struct RegisterPart {
    u8 index = 0;
    bool high = false;
};

/// All bits of an operand of `size` bytes: 1, 2, 4 or 8.
constexpr u64 size_mask(u8 size) {
    return size >= 8 ? ~u64{0} : (u64{1} << 8 * size) - 1;
}

/// The uppermost bit of an operand of `size` bytes.
constexpr u64 sign_bit(u8 size) {
    return size_mask(size) ^ size_mask(size) >> 1;
}

/// The low `size` bytes of `value`, sign-extended to 64 bits.
constexpr u64 sign_extend(u64 value, u8 size) {
    return ((value & size_mask(size)) ^ sign_bit(size)) - sign_bit(size);
}

/// The low `size` bytes of a register, or one byte of it when `part.high`.
constexpr u64 read_register(const Registers& registers, RegisterPart part, u8 size) {
    return registers.gpr[part.index] >> (part.high ? 8 : 0) & size_mask(size);
}

/// Writes `size` bytes. As in 64-bit mode, 4 bytes clear the upper half, 1 and 2 leave the rest
/// (SDM vol. 1, 3.4.1.1).
constexpr void write_register(Registers& registers, RegisterPart part, u8 size, u64 value) {
    u32 shift = part.high ? 8 : 0;
    u64 mask = size == 4 ? ~u64{0} : size_mask(size) << shift;
    u64& target = registers.gpr[part.index];
    target = (target & ~mask) | (value & size_mask(size)) << shift;
}

} // namespace cloison::core
