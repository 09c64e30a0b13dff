// SPDX-License-Identifier: Apache-2.0
// Where the walker leads in each paging mode, which entries it refuses, and how it says so.
#include "tests/unit/decode/page_tables.hpp"

#include <gtest/gtest.h>

#include <random>

namespace cloison::core {
namespace {

using Outcome = WalkResult::Outcome;
constexpr AccessKind all_kinds[] = {AccessKind::read, AccessKind::write, AccessKind::fetch};

void expect_mapped(const WalkResult& result, u64 physical) {
    EXPECT_EQ(result.outcome, Outcome::mapped) << "error code " << result.error_code;
    EXPECT_EQ(result.physical, physical);
}

TEST(Walk, WithoutPagingLinearIsPhysical) {
    GuestMemory memory;
    PagingState state;
    state.cr3 = ~u64{0};
    expect_mapped(walk(memory, state, 0xFEE00030, AccessKind::write), 0xFEE00030);
    expect_mapped(walk(memory, state, 0x1'0000'0010, AccessKind::fetch), 0x10); // 32 bits
}

struct Mapping {
    PagingMode mode;
    u32 leaf_level;
    u64 linear;
    u64 page; // physical address of the page, as the entry has it
    u64 physical;
};

TEST(Walk, EveryModeAndPageSize) {
    using enum PagingMode;
    const Mapping mappings[] = {
        {legacy, 1, 0xFEE00ABC, 0x12345000, 0x12345ABC},
        {legacy, 2, 0xC0345678, 0x12400000, 0x12745678},
        {legacy, 1, 0xFFFFFFFF, 0xFFFFF000, 0xFFFFFFFF},
        {pae, 1, 0xFEE00ABC, 0x8012345000, 0x8012345ABC},
        {pae, 2, 0xC0345678, 0x8012200000, 0x8012345678},
        {four_level, 1, 0xFFFF8880FEE00ABC, 0x8012345000, 0x8012345ABC},
        {four_level, 2, 0x00007FFFC0345678, 0x8012200000, 0x8012345678},
        {four_level, 3, 0xFFFFFFFFFFFFFFFF, 0x8040000000, 0x807FFFFFFF},
        {five_level, 1, 0xFF11000000000ABC, 0x8012345000, 0x8012345ABC},
        {five_level, 2, 0x00FFFFFFC0345678, 0x8012200000, 0x8012345678},
        {five_level, 3, 0xFFFF888012345678, 0x8040000000, 0x8052345678},
    };
    for (const auto& m : mappings) {
        PageTables tables(m.mode, m.linear, m.page, m.leaf_level);
        for (auto kind : all_kinds)
            expect_mapped(tables.walk(kind), m.physical);
        tables.state.user = true;
        for (auto kind : all_kinds)
            expect_mapped(tables.walk(kind), m.physical);
    }
}

TEST(Walk, FourMegabytePagesBeyondFourGigabytes) {
    // PSE-36: bits 20:13 of the entry are bits 39:32 of the address.
    PageTables tables(PagingMode::legacy, 0xC0345678, 0x12400000 | 0xAB << 13, 2);
    expect_mapped(tables.walk(AccessKind::read), 0xAB12745678);
}

TEST(Walk, WithoutPseTheBitIsIgnored) {
    PageTables tables(PagingMode::legacy, 0xC0345678, 0x12345000);
    tables.state.cr4 = 0;
    tables.set_bits(2, bit_ps);
    expect_mapped(tables.walk(AccessKind::read), 0x12345678);
}

TEST(Walk, UpperHalfOfLinearDoesNotCountOutsideLongMode) {
    for (auto mode : {PagingMode::legacy, PagingMode::pae}) {
        PageTables tables(mode, 0xFEE00ABC, 0x12345000);
        expect_mapped(tables.walk(0xFFFFFFFFFEE00ABC, AccessKind::read), 0x12345ABC);
    }
}

TEST(Walk, Cr3HasBitsThatAreNoAddress) {
    for (auto mode : all_modes) {
        PageTables tables(mode, 0x40000ABC, 0x12345000);
        bool pae = mode == PagingMode::pae; // whose table is aligned to 32 bytes only
        tables.state.cr3 |= pae ? 0x1F : 0xFFF;
        if (mode == PagingMode::legacy || pae)
            tables.state.cr3 |= u64{0xFFFFFFFF} << 32;
        else
            tables.state.cr3 |= u64{1} << 63 | u64{1} << 40; // MAXPHYADDR is 40
        expect_mapped(tables.walk(AccessKind::read), 0x12345ABC);
    }
    PageTables tables(PagingMode::pae, 0x40000ABC, 0x12345000);
    tables.memory.write_u64(0x37E0 + 8, tables.entry(3));
    tables.state.cr3 = 0x37E0;
    expect_mapped(tables.walk(AccessKind::read), 0x12345ABC);
}

TEST(Walk, CanonicalAddressesOnly) {
    PageTables four(PagingMode::four_level, 0, 0x12345000);
    PageTables five(PagingMode::five_level, 0, 0x12345000);
    for (u64 linear : {u64{1} << 47, u64{1} << 63, ~u64{0} << 47 << 1, u64{0xFFFF7FFFFFFFFFFF}})
        EXPECT_EQ(four.walk(linear, AccessKind::read).outcome, Outcome::non_canonical) << linear;
    EXPECT_EQ(four.walk(~u64{0} << 47, AccessKind::read).outcome, Outcome::page_fault);
    for (u64 linear : {u64{1} << 56, u64{1} << 63, ~u64{0} << 57, u64{0xFEFFFFFFFFFFFFFF}})
        EXPECT_EQ(five.walk(linear, AccessKind::read).outcome, Outcome::non_canonical) << linear;
    EXPECT_EQ(five.walk(u64{1} << 47, AccessKind::read).outcome, Outcome::page_fault);
    EXPECT_EQ(five.walk(~u64{0} << 56, AccessKind::read).outcome, Outcome::page_fault);
}

TEST(Walk, TablesWhereThereIsNoMemory) {
    for (auto mode : all_modes) {
        PageTables tables(mode, 0x40000ABC, 0x12345000);
        for (u32 level : tables.levels()) {
            PageTables broken(mode, 0x40000ABC, 0x12345000);
            if (level == tables.levels().front())
                broken.state.cr3 = 16 * mib;
            else
                broken.set_entry(level + 1, 16 * mib | (broken.entry(level + 1) & 0xFFF));
            EXPECT_EQ(broken.walk(AccessKind::read).outcome, Outcome::no_memory);
        }
    }
}

/// Tables of random entries, most of them present: any address, forever the same value.
struct HostileMemory {
    u64 seed;
    mutable u32 reads = 0;

    [[nodiscard]] std::optional<u64> read_u64(u64 address) const {
        ++reads;
        EXPECT_EQ(address % 8, 0u);
        EXPECT_LT(address, u64{1} << 52);
        std::mt19937_64 random(seed ^ address);
        u64 value = random();
        if (value % 16 == 0)
            return std::nullopt;
        value = random() | bit_p;
        return random() % 4 != 0 ? value & 0x7FFFFFFF9F
                                 : value; // few reserved bits, few large pages
    }
    [[nodiscard]] std::optional<u32> read_u32(u64 address) const {
        EXPECT_EQ(address % 4, 0u);
        auto value = read_u64(round_down(address, 8));
        return value ? std::optional(static_cast<u32>(*value >> (8 * (address & 4))))
                     : std::nullopt;
    }
};

TEST(Walk, HostileTablesEndInSomething) {
    std::mt19937_64 random(4711);
    u32 outcomes[4]{};
    for (u32 i = 0; i < 50'000; ++i) {
        HostileMemory memory{random()};
        PagingState state;
        state.cr0 = random() | X86_CR0_PG;
        state.cr3 = random();
        state.cr4 = random();
        state.efer = random();
        state.rflags = random();
        state.physical_bits = static_cast<u8>(random());
        state.user = random() % 2 == 0;
        u64 linear = random();
        if (i % 2 == 0)
            linear = static_cast<u64>(static_cast<i64>(linear) >> 17);
        auto result = walk(memory, state, linear, all_kinds[random() % 3]);
        ++outcomes[static_cast<u32>(result.outcome)];
        EXPECT_LE(memory.reads, 5u);
        if (result.mapped()) {
            EXPECT_EQ(result.physical % 4096, linear % 4096);
            EXPECT_LT(result.physical, u64{1} << 52);
        } else if ((result.error_code & page_fault::reserved) != 0) {
            EXPECT_NE(result.error_code & page_fault::present, 0u);
        }
    }
    for (u32 count : outcomes)
        EXPECT_GT(count, 1000u);
}

TEST(Walk, TablesThatPointToThemselves) {
    for (auto mode : all_modes) {
        PageTables tables(mode, 0, 0);
        u64 rights = mode == PagingMode::pae ? bit_p : all_rights;
        tables.set_entry(tables.levels().front(), tables.state.cr3 | rights);
        auto result = tables.walk(AccessKind::read);
        EXPECT_TRUE(result.mapped());
        EXPECT_EQ(result.physical, tables.state.cr3);
    }
}

} // namespace
} // namespace cloison::core
