// SPDX-License-Identifier: Apache-2.0
// Decodes the instructions with which software touches device registers: those of the integer unit
// that have one operand in memory, and STOS, LODS and MOVS. Anything else is refused by name; SDM
// vol. 2.
#pragma once

#include "firmware/core/decode/registers.hpp"

#include <optional>
#include <span>

namespace cloison::core {

/// What CS and EFER.LMA make the default sizes: 64 is 64-bit mode, 16 and 32 everything else.
enum class CodeSize : u8 { code16, code32, code64 };

/// Segment registers in the order of encodings, which is the VMCS's too.
enum class Segment : u8 { es, cs, ss, ds, fs, gs };

/// The first eight in the order of their encodings, the bit tests likewise.
enum class Operation : u8 {
    add,
    bit_or,
    adc,
    sbb,
    bit_and,
    sub,
    bit_xor,
    cmp,
    bt,
    bts,
    btr,
    btc,
    mov,
    movzx,
    movsx, // MOVSXD too
    test,
    inc,
    dec,
    bit_not,
    neg,
    xchg,
    xadd,
    cmpxchg,
    stos,
    lods,
    movs,
};

/// Where the operands are: destination first. Of an exchange, the memory operand is the
/// destination.
enum class Form : u8 { memory_register, register_memory, memory_immediate, memory, string };

/// The offset of a memory operand, before its segment's base is added.
struct Address {
    std::optional<u8> base;
    std::optional<u8> index;
    u8 scale = 1;
    u8 size = 8; // bytes, to which the offset is truncated: 2, 4 or 8
    Segment segment = Segment::ds;
    bool rip_relative = false; // to the end of the instruction
    i64 displacement = 0;
};

struct Instruction {
    u8 length = 0; // bytes, 1 to 15
    CodeSize code = CodeSize::code64;
    Operation operation = Operation::mov;
    Form form = Form::memory;
    u8 operand_size = 0; // bytes in memory: 1, 2, 4 or 8
    u8 register_size =
        0; // bytes of the register operand; larger than operand_size for MOVZX and MOVSX
    bool repeat = false; // REP of a string instruction
    RegisterPart reg;    // the register operand; the accumulator of STOS and LODS
    Address address;     // of STOS the destination, of LODS and MOVS the source
    u64 immediate = 0;   // sign-extended to 64 bits

    [[nodiscard]] bool is_string() const { return form == Form::string; }
    [[nodiscard]] bool reads_memory() const;
    [[nodiscard]] bool writes_memory() const;
};

enum class DecodeError : u8 {
    none,
    truncated,   // the instruction goes on past the bytes given
    too_long,    // or past 15 bytes: the processor raises #GP
    unsupported, // no operand in memory, or none of the instructions named above
    illegal,     // LOCK where the processor raises #UD
};

struct Decoded {
    DecodeError error = DecodeError::truncated;
    Instruction instruction; // meaningful only if ok()

    [[nodiscard]] bool ok() const { return error == DecodeError::none; }
};

/// The instruction that begins at bytes[0]. Bytes past its end do not matter.
Decoded decode(std::span<const u8> bytes, CodeSize code);

} // namespace cloison::core
