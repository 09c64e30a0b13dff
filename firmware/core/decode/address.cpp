// SPDX-License-Identifier: Apache-2.0
// Where an instruction's memory operand is; and string instructions, which are mostly about that.
#include "firmware/core/decode/execute.hpp"

#include <bit>

namespace cloison::core {

namespace {

/// The bit number's distance in bytes, a multiple of the operand size, from the operand named.
u64 bit_offset(const Instruction& instruction, const Registers& registers) {
    bool bit_test =
        instruction.operation >= Operation::bt && instruction.operation <= Operation::btc;
    if (!bit_test || instruction.form != Form::memory_register)
        return 0;
    u8 size = instruction.operand_size;
    auto bit = static_cast<i64>(sign_extend(read_register(registers, instruction.reg, size), size));
    return static_cast<u64>(bit >> (3 + std::countr_zero(size))) * size;
}

/// Moves RSI or RDI by one operand in the direction of DF.
void step_pointer(const Instruction& instruction, Registers& registers, u8 index) {
    u64 step = instruction.operand_size;
    if ((registers.rflags & rflags_df) != 0)
        step = ~step + 1;
    u8 size = instruction.address.size;
    write_register(registers, {index, false}, size, registers.gpr[index] + step);
}

} // namespace

u64 effective_address(const Instruction& instruction, const Registers& registers) {
    const Address& address = instruction.address;
    auto offset = static_cast<u64>(address.displacement);
    if (address.base)
        offset += registers.gpr[*address.base];
    if (address.index)
        offset += registers.gpr[*address.index] * address.scale;
    if (address.rip_relative)
        offset += registers.rip + instruction.length;
    offset += bit_offset(instruction, registers);
    return offset & size_mask(address.size);
}

u64 string_iterations(const Instruction& instruction, const Registers& registers) {
    return instruction.repeat ? read_register(registers, {rcx, false}, instruction.address.size)
                              : 1;
}

u64 string_destination(const Instruction& instruction, const Registers& registers) {
    return read_register(registers, {rdi, false}, instruction.address.size);
}

MemoryWrite execute_string(const Instruction& instruction, Registers& registers, u64 memory) {
    u64 iterations = string_iterations(instruction, registers);
    if (iterations == 0) {
        advance(instruction, registers);
        return {};
    }
    u8 size = instruction.operand_size;
    MemoryWrite write;
    if (instruction.operation == Operation::lods)
        write_register(registers, {rax, false}, size, memory);
    else
        write = {true, instruction.operation == Operation::stos
                           ? registers.gpr[rax] & size_mask(size)
                           : memory & size_mask(size)};
    if (instruction.operation != Operation::stos)
        step_pointer(instruction, registers, rsi);
    if (instruction.operation != Operation::lods)
        step_pointer(instruction, registers, rdi);
    if (instruction.repeat)
        write_register(registers, {rcx, false}, instruction.address.size, iterations - 1);
    if (iterations == 1)
        advance(instruction, registers);
    return write;
}

} // namespace cloison::core
