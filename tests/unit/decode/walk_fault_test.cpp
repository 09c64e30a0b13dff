// SPDX-License-Identifier: Apache-2.0
// Page faults: the rights of SDM vol. 3A, 4.6, the reserved bits of 4.3 to 4.5, and the error codes
// of 4.7.
#include "tests/unit/decode/page_tables.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cloison::core {
namespace {

using Outcome = WalkResult::Outcome;
constexpr u64 linear = 0x40345ABC, physical = 0x12345ABC;
constexpr u32 p = page_fault::present, w = page_fault::write, u = page_fault::user,
              rsvd = page_fault::reserved, id = page_fault::fetch;

PageTables make(PagingMode mode) {
    return {mode, linear, round_down(physical, page_size)};
}

/// "mapped", or the error code's bits by name.
std::string outcome(const WalkResult& result) {
    if (result.mapped())
        return result.physical == physical ? "mapped" : "mapped elsewhere";
    if (result.outcome != Outcome::page_fault)
        return "other";
    std::string text = "fault";
    const char* const names[] = {" P", " W", " U", " RSVD", " I"};
    for (u32 i = 0; i < 5; ++i)
        text += (result.error_code >> i & 1) != 0 ? names[i] : "";
    return text;
}

std::string fault(u32 code) {
    return outcome({Outcome::page_fault, 0, code});
}

/// How an access of each kind ends, with and without user privilege.
struct Expected {
    std::string read, write, fetch, user_read, user_write, user_fetch;
};

const std::string ok = "mapped";

void check(PageTables& tables, const Expected& expected, const std::string& what) {
    tables.state.user = false;
    EXPECT_EQ(outcome(tables.walk(AccessKind::read)), expected.read) << what;
    EXPECT_EQ(outcome(tables.walk(AccessKind::write)), expected.write) << what;
    EXPECT_EQ(outcome(tables.walk(AccessKind::fetch)), expected.fetch) << what;
    tables.state.user = true;
    EXPECT_EQ(outcome(tables.walk(AccessKind::read)), expected.user_read) << what;
    EXPECT_EQ(outcome(tables.walk(AccessKind::write)), expected.user_write) << what;
    EXPECT_EQ(outcome(tables.walk(AccessKind::fetch)), expected.user_fetch) << what;
}

/// Runs `body` for each mode and each level that has rights.
template <typename Body>
void at_each_level(Body body) {
    for (auto mode : all_modes) {
        for (u32 level : make(mode).levels()) {
            auto tables = make(mode);
            if (tables.has_rights(level))
                body(tables, level,
                     "mode " + std::to_string(static_cast<int>(mode)) + " level " +
                         std::to_string(level));
        }
    }
}

TEST(PageFault, NotPresentAtAnyLevel) {
    for (auto mode : all_modes) {
        for (u32 level : make(mode).levels()) {
            auto tables = make(mode);
            tables.set_entry(level, ~u64{0} & ~bit_p); // nothing else in the entry counts
            check(tables, {fault(0), fault(w), fault(0), fault(u), fault(u | w), fault(u)},
                  "no SMEP, no NXE");
            tables.state.cr4 |= X86_CR4_SMEP;
            check(tables, {fault(0), fault(w), fault(id), fault(u), fault(u | w), fault(u | id)},
                  "SMEP");
            tables.state.cr4 &= ~u64{X86_CR4_SMEP};
            tables.state.efer |= efer_nxe;
            u32 code = mode == PagingMode::legacy ? 0 : id; // NXE needs PAE
            check(tables,
                  {fault(0), fault(w), fault(code), fault(u), fault(u | w), fault(u | code)},
                  "NXE");
        }
    }
}

TEST(PageFault, ReadOnly) {
    at_each_level([](PageTables& tables, u32 level, const std::string& what) {
        tables.clear_bits(level, bit_rw);
        check(tables, {ok, fault(p | w), ok, ok, fault(p | w | u), ok}, what);
        tables.state.cr0 &= ~u64{X86_CR0_WP}; // does not hold for user accesses
        check(tables, {ok, ok, ok, ok, fault(p | w | u), ok}, what + " without WP");
    });
}

TEST(PageFault, SupervisorOnly) {
    at_each_level([](PageTables& tables, u32 level, const std::string& what) {
        tables.clear_bits(level, bit_us);
        Expected expected{ok, ok, ok, fault(p | u), fault(p | w | u), fault(p | u)};
        check(tables, expected, what);
        tables.state.cr4 |= X86_CR4_SMAP; // not about supervisor pages
        check(tables, expected, what + " SMAP");
        tables.state.cr4 |= X86_CR4_SMEP;
        expected.user_fetch = fault(p | u | id);
        check(tables, expected, what + " SMEP");
    });
}

TEST(PageFault, ExecuteDisable) {
    at_each_level([](PageTables& tables, u32 level, const std::string& what) {
        tables.set_bits(level, bit_xd); // is not there in 32-bit paging
        tables.state.efer |= efer_nxe;
        bool legacy = (tables.state.cr4 & X86_CR4_PAE) == 0;
        Expected expected{ok, ok, fault(p | id), ok, ok, fault(p | u | id)};
        check(tables, legacy ? Expected{ok, ok, ok, ok, ok, ok} : expected, what);
    });
}

TEST(PageFault, ExecuteDisableIsReservedWithoutNxe) {
    at_each_level([](PageTables& tables, u32 level, const std::string& what) {
        if ((tables.state.cr4 & X86_CR4_PAE) == 0)
            return;
        tables.set_bits(level, bit_xd);
        u32 c = p | rsvd;
        check(tables,
              {fault(c), fault(c | w), fault(c), fault(c | u), fault(c | u | w), fault(c | u)},
              what);
    });
}

TEST(PageFault, SmepForbidsFetchesFromUserPages) {
    for (auto mode : all_modes) {
        auto tables = make(mode);
        tables.state.cr4 |= X86_CR4_SMEP;
        check(tables, {ok, ok, fault(p | id), ok, ok, ok}, "SMEP");
    }
}

TEST(PageFault, SmapForbidsAccessToUserPagesUnlessAcIsSet) {
    for (auto mode : all_modes) {
        auto tables = make(mode);
        tables.state.cr4 |= X86_CR4_SMAP;
        check(tables, {fault(p), fault(p | w), ok, ok, ok, ok}, "SMAP");
        tables.state.cr0 &= ~u64{X86_CR0_WP};
        check(tables, {fault(p), fault(p | w), ok, ok, ok, ok}, "SMAP without WP");
        tables.state.rflags |= X86_EFLAGS_AC;
        check(tables, {ok, ok, ok, ok, ok, ok}, "AC");
    }
}

struct Range {
    u32 last, first;
};

/// The bits that the SDM's figures call reserved in a present entry, with MAXPHYADDR = m and NXE
/// = 1.
std::vector<Range> reserved_ranges(PagingMode mode, u32 level, bool large, u32 m) {
    if (mode == PagingMode::legacy)
        return large ? std::vector<Range>{{21, m < 40 ? m - 19 : 21}} : std::vector<Range>{};
    std::vector<Range> ranges;
    if (m < 52)
        ranges.push_back({51, m});
    if (mode == PagingMode::pae) {
        ranges.push_back({62, 52});
        if (level == 3)
            ranges.insert(ranges.end(), {{2, 1}, {8, 5}, {63, 63}});
    }
    if (level >= 4)
        ranges.push_back({7, 7});
    if (large)
        ranges.push_back({level == 3 ? 29u : 20u, 13});
    return ranges;
}

bool is_reserved(const std::vector<Range>& ranges, u32 bit) {
    for (auto range : ranges) {
        if (bit <= range.last && bit >= range.first)
            return true;
    }
    return false;
}

void check_each_bit(PagingMode mode, u32 leaf_level, u8 physical_bits) {
    u32 width = mode == PagingMode::legacy ? 32 : 64;
    for (u32 level : PageTables(mode, linear, 0, leaf_level).levels()) {
        bool large = level == leaf_level && level > 1;
        auto ranges = reserved_ranges(mode, level, large, physical_bits);
        for (u32 bit = 1; bit < width; ++bit) {
            if (bit == 7 && !large && level >= 2 && level <= 3 &&
                (mode != PagingMode::pae || level == 2))
                continue; // PS makes another entry of it
            PageTables tables(mode, linear, 0, leaf_level);
            tables.state.physical_bits = physical_bits;
            tables.state.efer |= efer_nxe;
            tables.set_bits(level, u64{1} << bit);
            auto result = tables.walk(AccessKind::write);
            bool fault = result.outcome == Outcome::page_fault && (result.error_code & rsvd) != 0;
            EXPECT_EQ(fault, is_reserved(ranges, bit))
                << "mode " << static_cast<int>(mode) << " level " << level << " leaf " << leaf_level
                << " bit " << bit << " of " << static_cast<u32>(physical_bits);
            if (fault) {
                EXPECT_EQ(result.error_code, p | w | rsvd);
            }
        }
    }
}

TEST(PageFault, EveryReservedBitAndNoOther) {
    for (u8 physical_bits : {u8{36}, u8{39}, u8{40}, u8{46}, u8{52}}) {
        for (auto mode : all_modes) {
            check_each_bit(mode, 1, physical_bits);
            check_each_bit(mode, 2, physical_bits);
            if (mode == PagingMode::four_level || mode == PagingMode::five_level)
                check_each_bit(mode, 3, physical_bits);
        }
    }
}

TEST(PageFault, ReservedBitsComeBeforeRights) {
    auto tables = make(PagingMode::four_level);
    tables.clear_bits(4, bit_us | bit_rw);
    tables.set_bits(1, u64{1} << 51);
    tables.state.user = true;
    EXPECT_EQ(outcome(tables.walk(AccessKind::write)), fault(p | w | u | rsvd));
    tables.clear_bits(2, bit_p); // but not before an entry on the way that is not present
    EXPECT_EQ(outcome(tables.walk(AccessKind::write)), fault(w | u));
}

} // namespace
} // namespace cloison::core
