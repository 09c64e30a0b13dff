// SPDX-License-Identifier: Apache-2.0
// Carries out a decoded instruction, given what its memory operand holds; the caller reads and
// writes the device. Faults are not simulated: the processor has found none before the access left
// the guest.
#pragma once

#include "firmware/core/decode/decoder.hpp"

namespace cloison::core {

/// What the instruction stores to its memory operand: `operand_size` bytes, the rest of `value` is
/// 0.
struct MemoryWrite {
    bool wanted = false;
    u64 value = 0;
};

/// Offset of the memory operand (of a string instruction: `address`) in its segment, truncated to
/// the address size. Registers are those before the instruction. A bit test with its bit number in
/// a register reaches beyond the operand named; the offset is that of the operand really accessed.
u64 effective_address(const Instruction& instruction, const Registers& registers);

/// Everything but string instructions. `memory` is the operand's value where reads_memory(), else
/// ignored; bits past operand_size are ignored. Updates registers, flags and RIP. Flags that the
/// SDM leaves undefined keep their value, or are those of the subtraction or logical operation.
MemoryWrite execute(const Instruction& instruction, Registers& registers, u64 memory);

/// RIP to the next instruction, as execute() and the last iteration of execute_string() do.
void advance(const Instruction& instruction, Registers& registers);

/// Iterations that a string instruction still has to do: 1 without REP, 0 when it only moves RIP
/// on.
u64 string_iterations(const Instruction& instruction, const Registers& registers);

/// Offset in ES to which STOS and MOVS store.
u64 string_destination(const Instruction& instruction, const Registers& registers);

/// One iteration of STOS, LODS or MOVS: `memory` is the source's value where reads_memory(). RIP
/// moves on after the last iteration only. With no iterations left, moves RIP on and wants no
/// write.
MemoryWrite execute_string(const Instruction& instruction, Registers& registers, u64 memory);

} // namespace cloison::core
