// SPDX-License-Identifier: Apache-2.0
// The bytes before an opcode (SDM vol. 2A, 2.1.1 and 2.2.1), and the sizes that follow from them.
#pragma once

#include "firmware/core/decode/opcodes.hpp"

namespace cloison::core {

class Prefixes {
  public:
    explicit Prefixes(CodeSize code) : code_(code) {}

    /// Takes one byte; false if it is no prefix, but the opcode.
    bool take(u8 byte);

    [[nodiscard]] bool lock() const { return lock_; }
    /// REP, last of its group; REPNE.
    [[nodiscard]] bool rep() const { return repeat_ == 0xF3; }
    [[nodiscard]] bool repne() const { return repeat_ == 0xF2; }
    /// The segment register to use instead of `usual`, if there is a prefix for one.
    [[nodiscard]] Segment segment(Segment usual) const { return segment_.value_or(usual); }

    /// Any REX prefix: byte registers 4 to 7 are SPL to DIL.
    [[nodiscard]] bool rex() const { return rex_ != 0; }
    /// The fourth bits of register numbers: 8 or 0.
    [[nodiscard]] u8 rex_r() const { return (rex_ & 4) != 0 ? 8 : 0; }
    [[nodiscard]] u8 rex_x() const { return (rex_ & 2) != 0 ? 8 : 0; }
    [[nodiscard]] u8 rex_b() const { return (rex_ & 1) != 0 ? 8 : 0; }

    /// Bytes of an operand, and of an address.
    [[nodiscard]] u8 operand_size(Width width) const;
    [[nodiscard]] u8 address_size() const;

  private:
    void override_segment(Segment segment);

    CodeSize code_;
    u8 rex_ = 0; // the whole byte, or 0 without one
    u8 repeat_ = 0;
    bool operand_ = false;
    bool address_ = false;
    bool lock_ = false;
    std::optional<Segment> segment_;
};

} // namespace cloison::core
