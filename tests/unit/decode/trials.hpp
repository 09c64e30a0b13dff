// SPDX-License-Identifier: Apache-2.0
// Instructions made at random, with registers that make their memory operand a given place.
#pragma once

#include "firmware/core/decode/registers.hpp"

#include <random>
#include <vector>

namespace cloison::core {

/// An instruction without prefixes, ModRM and operands.
struct Encoding {
    enum class Immediate : u8 { none, byte, full };

    std::vector<u8> opcode;
    int group = -1; // reg field of ModRM, or -1 for a register operand
    bool byte_register = false;
    Immediate immediate = Immediate::none;
};

/// All that the decoder supports with a ModRM byte.
std::vector<Encoding> all_encodings();

struct Trial {
    std::vector<u8> bytes;
    Registers registers;
};

class TrialMaker {
  public:
    /// `code`: where instructions will run. `target`: their memory operand, both below 2 GiB.
    TrialMaker(u64 code, u64 target) : code_(code), target_(target) {}

    /// Does not use RSP. Of a bit test with its number in a register, the operand named is at
    /// `target` and the one accessed up to 4 KiB away.
    Trial make(const Encoding& encoding);

    /// Any, but often 0 or near the ends of a size.
    u64 interesting();
    u64 random() { return random_(); }
    bool chance(u32 one_in) { return random_() % one_in == 0; }
    Registers random_registers();

  private:
    void append(std::vector<u8>& bytes, u64 value, u32 count);
    void append_rip_relative(Trial& trial, u8 reg, u32 immediate);
    void append_sib(Trial& trial, u8 reg, u8 rex, bool narrow, u8 avoid);

    std::mt19937_64 random_{1978};
    u64 code_;
    u64 target_;
};

} // namespace cloison::core
