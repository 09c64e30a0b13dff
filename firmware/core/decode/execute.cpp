// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/decode/execute.hpp"

#include <bit>

namespace cloison::core {

namespace {

struct Result {
    u64 value;
    u64 flags; // the status flags, all of them
};

/// SF, ZF and PF, which depend on the result alone.
u64 flags_of(u64 value, u8 size) {
    u64 flags = (value & sign_bit(size)) != 0 ? rflags_sf : 0;
    flags |= value == 0 ? rflags_zf : 0;
    flags |= std::popcount(value & 0xFF) % 2 == 0 ? rflags_pf : 0;
    return flags;
}

/// `carries` has a bit set where the addition carried out of, or the subtraction borrowed for, that
/// place.
Result sum(u64 value, u64 carries, bool overflow, u8 size) {
    u64 flags = flags_of(value, size);
    flags |= (carries & sign_bit(size)) != 0 ? rflags_cf : 0;
    flags |= (carries & 8) != 0 ? rflags_af : 0;
    flags |= overflow ? rflags_of : 0;
    return {value, flags};
}

Result add(u64 a, u64 b, u64 carry, u8 size) {
    u64 value = (a + b + carry) & size_mask(size);
    u64 overflow = (a ^ value) & (b ^ value);
    return sum(value, (a & b) | ((a | b) & ~value), (overflow & sign_bit(size)) != 0, size);
}

Result subtract(u64 a, u64 b, u64 borrow, u8 size) {
    u64 value = (a - b - borrow) & size_mask(size);
    u64 overflow = (a ^ b) & (a ^ value);
    return sum(value, (~a & b) | ((~a | b) & value), (overflow & sign_bit(size)) != 0, size);
}

Result logical(u64 value, u8 size) {
    return {value, flags_of(value, size)};
}

void set_flags(Registers& registers, u64 which, u64 flags) {
    registers.rflags = (registers.rflags & ~which) | (flags & which);
}

u64 source_of(const Instruction& instruction, const Registers& registers) {
    if (instruction.form == Form::memory_immediate)
        return instruction.immediate & size_mask(instruction.operand_size);
    return read_register(registers, instruction.reg, instruction.register_size);
}

Result arithmetic(Operation operation, u64 a, u64 b, u64 carry, u8 size) {
    switch (operation) {
    case Operation::add:
        return add(a, b, 0, size);
    case Operation::adc:
        return add(a, b, carry, size);
    case Operation::sbb:
        return subtract(a, b, carry, size);
    case Operation::bit_or:
        return logical(a | b, size);
    case Operation::bit_xor:
        return logical(a ^ b, size);
    case Operation::bit_and:
    case Operation::test:
        return logical(a & b, size);
    default: // SUB and CMP
        return subtract(a, b, 0, size);
    }
}

/// The operations with two operands of one size that set all status flags.
MemoryWrite execute_arithmetic(const Instruction& instruction, Registers& registers, u64 memory) {
    u8 size = instruction.operand_size;
    u64 source = source_of(instruction, registers);
    bool to_register = instruction.form == Form::register_memory;
    auto result = arithmetic(instruction.operation, to_register ? source : memory,
                             to_register ? memory : source, registers.rflags & rflags_cf, size);
    set_flags(registers, rflags_status, result.flags);
    if (instruction.writes_memory())
        return {true, result.value};
    if (to_register && instruction.operation != Operation::cmp)
        write_register(registers, instruction.reg, size, result.value);
    return {};
}

/// The bit's number is taken modulo the operand's size; effective_address() has dealt with the
/// rest.
MemoryWrite execute_bit(const Instruction& instruction, Registers& registers, u64 memory) {
    u64 bit = u64{1} << (source_of(instruction, registers) & (8u * instruction.operand_size - 1));
    set_flags(registers, rflags_cf, (memory & bit) != 0 ? rflags_cf : 0);
    switch (instruction.operation) {
    case Operation::bts:
        return {true, memory | bit};
    case Operation::btr:
        return {true, memory & ~bit};
    case Operation::btc:
        return {true, memory ^ bit};
    default:
        return {};
    }
}

MemoryWrite execute_unary(const Instruction& instruction, Registers& registers, u64 memory) {
    u8 size = instruction.operand_size;
    if (instruction.operation == Operation::bit_not)
        return {true, ~memory & size_mask(size)};
    if (instruction.operation == Operation::neg) {
        auto result = subtract(0, memory, 0, size);
        set_flags(registers, rflags_status, result.flags);
        return {true, result.value};
    }
    auto result = instruction.operation == Operation::inc ? add(memory, 1, 0, size)
                                                          : subtract(memory, 1, 0, size);
    set_flags(registers, rflags_status & ~rflags_cf, result.flags);
    return {true, result.value};
}

MemoryWrite execute_move(const Instruction& instruction, Registers& registers, u64 memory) {
    if (instruction.form != Form::register_memory)
        return {true, source_of(instruction, registers)};
    u64 value = instruction.operation == Operation::movsx
                    ? sign_extend(memory, instruction.operand_size)
                    : memory;
    write_register(registers, instruction.reg, instruction.register_size, value);
    return {};
}

MemoryWrite execute_exchange(const Instruction& instruction, Registers& registers, u64 memory) {
    u8 size = instruction.operand_size;
    u64 source = source_of(instruction, registers);
    write_register(registers, instruction.reg, size, memory);
    if (instruction.operation == Operation::xchg)
        return {true, source};
    auto result = add(memory, source, 0, size);
    set_flags(registers, rflags_status, result.flags);
    return {true, result.value};
}

/// Memory is written in either case, with what it held if the comparison fails (SDM vol. 2A,
/// "CMPXCHG").
MemoryWrite execute_compare_exchange(const Instruction& instruction, Registers& registers,
                                     u64 memory) {
    u8 size = instruction.operand_size;
    u64 source = source_of(instruction, registers);
    auto result = subtract(read_register(registers, {rax, false}, size), memory, 0, size);
    set_flags(registers, rflags_status, result.flags);
    if (result.value == 0)
        return {true, source};
    write_register(registers, {rax, false}, size, memory);
    return {true, memory};
}

MemoryWrite execute_operation(const Instruction& instruction, Registers& registers, u64 memory) {
    switch (instruction.operation) {
    case Operation::bt:
    case Operation::bts:
    case Operation::btr:
    case Operation::btc:
        return execute_bit(instruction, registers, memory);
    case Operation::mov:
    case Operation::movzx:
    case Operation::movsx:
        return execute_move(instruction, registers, memory);
    case Operation::inc:
    case Operation::dec:
    case Operation::bit_not:
    case Operation::neg:
        return execute_unary(instruction, registers, memory);
    case Operation::xchg:
    case Operation::xadd:
        return execute_exchange(instruction, registers, memory);
    case Operation::cmpxchg:
        return execute_compare_exchange(instruction, registers, memory);
    default:
        return execute_arithmetic(instruction, registers, memory);
    }
}

} // namespace

/// Past the instruction; RF is cleared by every instruction that completes (SDM vol. 3B, 17.3.1.1),
/// and an EPT violation leaves it set in the guest's RFLAGS (vol. 3C, 27.3.3).
void advance(const Instruction& instruction, Registers& registers) {
    registers.rip += instruction.length;
    if (instruction.code != CodeSize::code64)
        registers.rip &= size_mask(4);
    registers.rflags &= ~rflags_rf;
}

MemoryWrite execute(const Instruction& instruction, Registers& registers, u64 memory) {
    auto write =
        execute_operation(instruction, registers, memory & size_mask(instruction.operand_size));
    advance(instruction, registers);
    return write;
}

} // namespace cloison::core
