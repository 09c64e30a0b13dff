// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/decode/walk.hpp"

#include "firmware/core/cpu/msr_index.hpp"

#include <algorithm>
#include <asm/processor-flags.h>

namespace cloison::core {

namespace {

// Bits of page-table entries (SDM vol. 3A, tables 4-4 to 4-20).
constexpr u64 entry_present = 1 << 0, entry_writable = 1 << 1, entry_user = 1 << 2,
              entry_large = 1 << 7, entry_execute_disable = u64{1} << 63;

/// Bits first to last, both included; none if last < first.
constexpr u64 bits(u32 last, u32 first) {
    return last < first ? 0 : ~u64{0} >> (63 - last) & ~u64{0} << first;
}

enum class Mode : u8 { none, legacy, pae, long_mode };

class Walker {
  public:
    Walker(TableReader reader, const PagingState& state, AccessKind kind)
        : reader_(reader),
          state_(state),
          kind_(kind),
          mode_(mode_of(state)),
          physical_bits_(std::clamp<u32>(state.physical_bits, 32, 52)) {}

    [[nodiscard]] WalkResult run(u64 linear) const;

  private:
    /// What all entries on the way allow together.
    struct Rights {
        bool writable = true;
        bool user = true;
        bool execute_disable = false;
    };

    static Mode mode_of(const PagingState& state);
    [[nodiscard]] bool canonical(u64 linear) const;
    [[nodiscard]] u32 levels() const;
    [[nodiscard]] u64 root() const;
    [[nodiscard]] WalkResult descend(u64 linear) const;
    [[nodiscard]] bool is_leaf(u32 level, u64 entry) const;
    [[nodiscard]] u64 reserved_bits(u32 level, bool leaf) const;
    void restrict_rights(Rights& rights, u32 level, u64 entry) const;
    [[nodiscard]] bool allowed(const Rights& rights) const;
    [[nodiscard]] u64 physical(u64 linear, u64 entry, u32 shift) const;
    [[nodiscard]] WalkResult fault(u32 why) const;

    [[nodiscard]] bool cr4(u64 bit) const { return (state_.cr4 & bit) != 0; }
    [[nodiscard]] bool no_execute() const {
        return mode_ != Mode::legacy && (state_.efer & msr::efer_nx) != 0;
    }
    [[nodiscard]] u32 index_bits() const { return mode_ == Mode::legacy ? 10 : 9; }
    [[nodiscard]] u8 entry_size() const { return mode_ == Mode::legacy ? 4 : 8; }

    TableReader reader_;
    const PagingState& state_;
    AccessKind kind_;
    Mode mode_;
    u32 physical_bits_;
};

Mode Walker::mode_of(const PagingState& state) {
    if ((state.cr0 & X86_CR0_PG) == 0)
        return Mode::none;
    if ((state.efer & msr::efer_lma) != 0)
        return Mode::long_mode;
    return (state.cr4 & X86_CR4_PAE) != 0 ? Mode::pae : Mode::legacy;
}

WalkResult Walker::run(u64 linear) const {
    if (mode_ != Mode::long_mode)
        linear &= bits(31, 0);
    if (mode_ == Mode::none)
        return {WalkResult::Outcome::mapped, linear, 0};
    if (!canonical(linear))
        return {WalkResult::Outcome::non_canonical, 0, 0};
    return descend(linear);
}

bool Walker::canonical(u64 linear) const {
    if (mode_ != Mode::long_mode)
        return true;
    u64 upper = bits(63, cr4(X86_CR4_LA57) ? 56 : 47);
    return (linear & upper) == 0 || (linear & upper) == upper;
}

u32 Walker::levels() const {
    switch (mode_) {
    case Mode::long_mode:
        return cr4(X86_CR4_LA57) ? 5 : 4;
    case Mode::pae:
        return 3;
    default:
        return 2;
    }
}

u64 Walker::root() const {
    switch (mode_) {
    case Mode::long_mode: // below are flags or the PCID
        return state_.cr3 & bits(physical_bits_ - 1, 12);
    case Mode::pae:
        return state_.cr3 & bits(31, 5);
    default:
        return state_.cr3 & bits(31, 12);
    }
}

WalkResult Walker::descend(u64 linear) const {
    u64 table = root();
    Rights rights;
    for (u32 level = levels();; --level) {
        u32 shift = 12 + index_bits() * (level - 1);
        u64 index = linear >> shift & bits(index_bits() - 1, 0);
        auto entry = reader_.read(reader_.memory, table + index * entry_size(), entry_size());
        if (!entry)
            return {WalkResult::Outcome::no_memory, 0, 0};
        if ((*entry & entry_present) == 0)
            return fault(0);
        bool leaf = is_leaf(level, *entry);
        if ((*entry & reserved_bits(level, leaf)) != 0)
            return fault(page_fault::present | page_fault::reserved);
        restrict_rights(rights, level, *entry);
        if (leaf) {
            if (!allowed(rights))
                return fault(page_fault::present);
            return {WalkResult::Outcome::mapped, physical(linear, *entry, shift), 0};
        }
        table = *entry & bits(51, 12);
    }
}

bool Walker::is_leaf(u32 level, u64 entry) const {
    if (level == 1)
        return true;
    if ((entry & entry_large) == 0)
        return false;
    if (level == 2)
        return mode_ != Mode::legacy || cr4(X86_CR4_PSE);
    return level == 3 && mode_ == Mode::long_mode;
}

/// Bits that must be 0 in a present entry (SDM vol. 3A, figures 4-4, 4-7 and 4-11).
u64 Walker::reserved_bits(u32 level, bool leaf) const {
    if (mode_ ==
        Mode::legacy) // PSE-36 puts address bits 39:32 at 20:13, as many as the processor has
        return leaf && level == 2 ? bits(21, std::min<u32>(physical_bits_, 40) - 19) : 0;
    if (mode_ == Mode::pae && level == 3)
        return bits(63, physical_bits_) | bits(8, 5) | bits(2, 1);
    u64 reserved = bits(mode_ == Mode::pae ? 62 : 51, physical_bits_);
    if (!no_execute())
        reserved |= entry_execute_disable;
    if (level >= 4)
        reserved |= entry_large;
    if (leaf && level > 1)
        reserved |= bits(12 + index_bits() * (level - 1) - 1, 13); // bit 12 is the PAT's
    return reserved;
}

void Walker::restrict_rights(Rights& rights, u32 level, u64 entry) const {
    if (mode_ == Mode::pae && level == 3)
        return; // these entries have no rights
    rights.writable = rights.writable && (entry & entry_writable) != 0;
    rights.user = rights.user && (entry & entry_user) != 0;
    rights.execute_disable =
        rights.execute_disable || (no_execute() && (entry & entry_execute_disable) != 0);
}

/// SDM vol. 3A, 4.6.1.
bool Walker::allowed(const Rights& rights) const {
    if (state_.user) {
        if (!rights.user)
            return false;
    } else if (rights.user) {
        bool prevented = kind_ == AccessKind::fetch
                             ? cr4(X86_CR4_SMEP)
                             : cr4(X86_CR4_SMAP) && (state_.rflags & X86_EFLAGS_AC) == 0;
        if (prevented)
            return false;
    }
    switch (kind_) {
    case AccessKind::read:
        return true;
    case AccessKind::write:
        return rights.writable || (!state_.user && (state_.cr0 & X86_CR0_WP) == 0);
    case AccessKind::fetch:
        return !rights.execute_disable;
    }
    return false;
}

u64 Walker::physical(u64 linear, u64 entry, u32 shift) const {
    u64 base = entry & bits(51, shift);
    if (mode_ == Mode::legacy && shift > 12)
        base |= (entry >> 13 & 0xFF) << 32;
    return base | (linear & bits(shift - 1, 0));
}

WalkResult Walker::fault(u32 why) const {
    u32 code = why;
    if (kind_ == AccessKind::write)
        code |= page_fault::write;
    if (state_.user)
        code |= page_fault::user;
    if (kind_ == AccessKind::fetch && (no_execute() || cr4(X86_CR4_SMEP)))
        code |= page_fault::fetch;
    return {WalkResult::Outcome::page_fault, 0, code};
}

} // namespace

WalkResult walk(TableReader reader, const PagingState& state, u64 linear, AccessKind kind) {
    return Walker(reader, state, kind).run(linear);
}

} // namespace cloison::core
