// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/decode/opcodes.hpp"

namespace cloison::core {

namespace {

Operation arithmetic(u32 number) {
    return static_cast<Operation>(static_cast<u32>(Operation::add) + (number & 7));
}

Operation bit_test(u32 number) {
    return static_cast<Operation>(static_cast<u32>(Operation::bt) + (number & 3));
}

/// Bit 0 of most opcodes tells the full operand from a byte.
Width width(u8 byte) {
    return (byte & 1) != 0 ? Width::full : Width::byte;
}

Width immediate_width(u8 byte) {
    return (byte & 1) != 0 ? Width::up_to_dword : Width::byte;
}

Opcode plain(Operation operation, Form form, Width size) {
    return {.operation = operation, .form = form, .memory = size, .reg = size};
}

Opcode extension(Operation operation, Width memory) {
    return {.operation = operation, .form = Form::register_memory, .memory = memory};
}

Opcode group(OpcodeGroup group, Width size, Width immediate) {
    return {.form = Form::memory_immediate,
            .memory = size,
            .reg = size,
            .immediate = immediate,
            .group = group};
}

Opcode accumulator(Form form, Width size) {
    return {.form = form, .memory = size, .reg = size, .offset_only = true};
}

std::optional<Opcode> find_one_byte(u8 byte, CodeSize code) {
    Width size = width(byte);
    // Bit 1 of arithmetic and MOV is the direction.
    Form form = (byte & 2) != 0 ? Form::register_memory : Form::memory_register;
    if (byte < 0x40 && (byte & 7) < 4)
        return plain(arithmetic(byte >> 3), form, size);
    switch (byte) {
    case 0x63: // ARPL outside 64-bit mode
        if (code != CodeSize::code64)
            return std::nullopt;
        return extension(Operation::movsx, Width::up_to_dword);
    case 0x80:
    case 0x81:
        return group(OpcodeGroup::arithmetic, size, immediate_width(byte));
    case 0x83:
        return group(OpcodeGroup::arithmetic, size, Width::byte);
    case 0x84:
    case 0x85:
        return plain(Operation::test, Form::memory_register, size);
    case 0x86:
    case 0x87:
        return plain(Operation::xchg, Form::memory_register, size);
    case 0x88:
    case 0x89:
    case 0x8A:
    case 0x8B:
        return plain(Operation::mov, form, size);
    case 0xA0:
    case 0xA1:
        return accumulator(Form::register_memory, size);
    case 0xA2:
    case 0xA3:
        return accumulator(Form::memory_register, size);
    case 0xA4:
    case 0xA5:
        return plain(Operation::movs, Form::string, size);
    case 0xAA:
    case 0xAB:
        return plain(Operation::stos, Form::string, size);
    case 0xAC:
    case 0xAD:
        return plain(Operation::lods, Form::string, size);
    case 0xC6:
    case 0xC7:
        return group(OpcodeGroup::move, size, immediate_width(byte));
    case 0xF6:
    case 0xF7:
        return group(OpcodeGroup::unary, size, immediate_width(byte));
    case 0xFE:
    case 0xFF:
        return group(OpcodeGroup::step, size, immediate_width(byte));
    default:
        return std::nullopt;
    }
}

std::optional<Opcode> find_two_byte(u8 byte) {
    switch (byte) {
    case 0xA3:
    case 0xAB:
    case 0xB3:
    case 0xBB:
        return plain(bit_test(byte >> 3), Form::memory_register, Width::full);
    case 0xB0:
    case 0xB1:
        return plain(Operation::cmpxchg, Form::memory_register, width(byte));
    case 0xB6:
    case 0xB7:
        return extension(Operation::movzx, (byte & 1) != 0 ? Width::word : Width::byte);
    case 0xBA:
        return group(OpcodeGroup::bit_test, Width::full, Width::byte);
    case 0xBE:
    case 0xBF:
        return extension(Operation::movsx, (byte & 1) != 0 ? Width::word : Width::byte);
    case 0xC0:
    case 0xC1:
        return plain(Operation::xadd, Form::memory_register, width(byte));
    default:
        return std::nullopt;
    }
}

/// F6 and F7: a group that has an immediate in one of its members only.
bool select_unary(Opcode& opcode, u8 reg) {
    switch (reg) {
    case 0:
        opcode.operation = Operation::test;
        return true;
    case 2:
        opcode.operation = Operation::bit_not;
        opcode.form = Form::memory;
        return true;
    case 3:
        opcode.operation = Operation::neg;
        opcode.form = Form::memory;
        return true;
    default:
        return false;
    }
}

} // namespace

std::optional<Opcode> find_opcode(OpcodeMap map, u8 byte, CodeSize code) {
    return map == OpcodeMap::one_byte ? find_one_byte(byte, code) : find_two_byte(byte);
}

bool select_in_group(Opcode& opcode, u8 reg) {
    switch (opcode.group) {
    case OpcodeGroup::none:
        return true;
    case OpcodeGroup::arithmetic:
        opcode.operation = arithmetic(reg);
        return true;
    case OpcodeGroup::bit_test:
        opcode.operation = bit_test(reg);
        return reg >= 4;
    case OpcodeGroup::move:
        opcode.operation = Operation::mov;
        return reg == 0;
    case OpcodeGroup::step:
        opcode.operation = reg == 0 ? Operation::inc : Operation::dec;
        opcode.form = Form::memory;
        return reg <= 1;
    case OpcodeGroup::unary:
        return select_unary(opcode, reg);
    }
    return false;
}

} // namespace cloison::core
