// SPDX-License-Identifier: Apache-2.0
// The part of the opcode maps that the decoder knows (SDM vol. 2D, tables ).
#pragma once

#include "firmware/core/decode/decoder.hpp"

namespace cloison::core {

enum class OpcodeMap : u8 { one_byte, two_byte };

/// Opcodes whose operation depends on the reg field of ModRM.
enum class OpcodeGroup : u8 { none, arithmetic, bit_test, move, step, unary };

/// How an operand's size comes about: from prefixes (of immediates, and of what MOVSXD reads, 4
/// bytes at most), or fixed by the opcode.
enum class Width : u8 { full, up_to_dword, byte, word };

struct Opcode {
    Operation operation = Operation::mov;
    Form form = Form::memory;
    Width memory = Width::full;
    Width reg = Width::full;
    Width immediate = Width::up_to_dword; // only of Form::memory_immediate
    OpcodeGroup group = OpcodeGroup::none;
    bool offset_only = false; // the address follows without ModRM
};

/// What an opcode stands for; nullopt for all that the decoder does not support.
std::optional<Opcode> find_opcode(OpcodeMap map, u8 byte, CodeSize code);

/// Settles the operation of a member of a group. False: not supported.
bool select_in_group(Opcode& opcode, u8 reg);

} // namespace cloison::core
