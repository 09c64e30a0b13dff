// SPDX-License-Identifier: Apache-2.0
// Guest memory with one linear address mapped in it, in any paging mode, open to changes.
#pragma once

#include "firmware/core/decode/walk.hpp"

#include <asm/processor-flags.h>

#include <cstddef>
#include <map>
#include <vector>

namespace cloison::core {

enum class PagingMode { legacy, pae, four_level, five_level };

inline constexpr PagingMode all_modes[] = {PagingMode::legacy, PagingMode::pae,
                                           PagingMode::four_level, PagingMode::five_level};

inline constexpr u64 efer_lma = 1 << 10, efer_nxe = 1 << 11;

/// What the bits of an entry are called in the SDM.
inline constexpr u64 bit_p = 1 << 0, bit_rw = 1 << 1, bit_us = 1 << 2, bit_ps = 1 << 7,
                     bit_xd = u64{1} << 63;
inline constexpr u64 all_rights = bit_p | bit_rw | bit_us;

/// Words of 32 bits below `size`, zero until written.
class GuestMemory {
  public:
    u64 size = 16 * mib;

    [[nodiscard]] std::optional<u32> read_u32(u64 address) const;
    [[nodiscard]] std::optional<u64> read_u64(u64 address) const;
    void write_u32(u64 address, u32 value) { words_[address] = value; }
    void write_u64(u64 address, u64 value);

  private:
    std::map<u64, u32> words_;
};

/// Maps `linear` by an entry at `leaf_level` (1: 4-KiB page), with all rights at every level.
class PageTables {
  public:
    PageTables(PagingMode mode, u64 linear, u64 physical, u32 leaf_level = 1);

    GuestMemory memory;
    PagingState state;

    [[nodiscard]] WalkResult walk(AccessKind kind) const {
        return core::walk(memory, state, linear_, kind);
    }
    [[nodiscard]] WalkResult walk(u64 linear, AccessKind kind) const {
        return core::walk(memory, state, linear, kind);
    }
    /// The levels that `linear` is translated by, from the top to the leaf.
    [[nodiscard]] std::vector<u32> levels() const;
    /// True if entries of this level have R/W, U/S and XD: all but PAE's topmost.
    [[nodiscard]] bool has_rights(u32 level) const {
        return mode_ != PagingMode::pae || level != 3;
    }
    [[nodiscard]] u64 entry(u32 level) const;
    void set_entry(u32 level, u64 value);
    void clear_bits(u32 level, u64 which) { set_entry(level, entry(level) & ~which); }
    void set_bits(u32 level, u64 which) { set_entry(level, entry(level) | which); }

  private:
    [[nodiscard]] u32 top() const;
    [[nodiscard]] u64 address_of_entry(u32 level) const;

    PagingMode mode_;
    u64 linear_;
    u32 leaf_;
};

} // namespace cloison::core
