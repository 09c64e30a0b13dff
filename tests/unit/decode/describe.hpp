// SPDX-License-Identifier: Apache-2.0
// A decoded instruction as one line of text, so that tests can compare all of it at a glance.
#pragma once

#include "firmware/core/decode/decoder.hpp"

#include <string>

namespace cloison::core {

inline constexpr Operation all_operations[] = {
    Operation::add,  Operation::bit_or,  Operation::adc,     Operation::sbb,     Operation::bit_and,
    Operation::sub,  Operation::bit_xor, Operation::cmp,     Operation::bt,      Operation::bts,
    Operation::btr,  Operation::btc,     Operation::mov,     Operation::movzx,   Operation::movsx,
    Operation::test, Operation::inc,     Operation::dec,     Operation::bit_not, Operation::neg,
    Operation::xchg, Operation::xadd,    Operation::cmpxchg, Operation::stos,    Operation::lods,
    Operation::movs};

/// For instance `add [ss:rbp+rcx*4-0x10]:4, rax:4`; after a colon the size in bytes. Addresses of
/// other than the code's size have it as in `[ds:rax]a4`.
std::string describe(const Instruction& instruction);

/// The same, or the name of the error, and the length unless it is all of the bytes given.
std::string describe(const Decoded& decoded, usize given);

std::string name(Operation operation);
std::string name(DecodeError error);

} // namespace cloison::core
