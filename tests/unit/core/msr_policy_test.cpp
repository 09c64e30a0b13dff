// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/core/cpu/msr_policy.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace cloison::core {
namespace {

struct MsrPolicy : testing::Test {
    alignas(4096) std::array<u32, 1024> page{};
    LocalApic apic;
    MsrState state;

    void SetUp() override {
        apic.attach(page.data(), 0, true);
        state.reset();
    }
    std::optional<u64> read(u32 index, u64 now = 1000) { return read_msr(state, apic, index, now); }
    bool write(u32 index, u64 value, u64 now = 1000) {
        return write_msr(state, apic, index, value, now);
    }
};

/// Every index there is, to the point: the two architectural ranges, and samples beyond.
template <typename F>
void for_all_indices(F&& f) {
    for (u32 i = 0; i < 0x4000; ++i) {
        f(i);
        f(0xC0000000 + i);
        f(0x40000000 + i); // hypervisors' registers
        f(0x80000000 + i * 0x9731);
    }
}

TEST_F(MsrPolicy, OnlyNamedRegistersExist) {
    std::set<u32> readable;
    for_all_indices([&](u32 i) {
        if (read(i))
            readable.insert(i);
    });
    std::set<u32> expected{msr::tsc,
                           msr::platform_id,
                           msr::apic_base,
                           msr::tsc_adjust,
                           msr::microcode_revision,
                           msr::mtrr_cap,
                           msr::misc_enable,
                           msr::debug_ctl,
                           msr::mtrr_fix64k,
                           msr::mtrr_fix16k_80000,
                           msr::mtrr_fix16k_a0000,
                           msr::mtrr_def_type,
                           msr::tsc_deadline,
                           msr::xss};
    for (u32 i = 0; i < 16; ++i)
        expected.insert(msr::mtrr_phys_base0 + i);
    for (u32 i = msr::mtrr_fix4k_c0000; i <= msr::mtrr_fix4k_f8000; ++i)
        expected.insert(i);
    EXPECT_EQ(readable, expected);
}

TEST_F(MsrPolicy, WhatCannotBeReadCannotBeWritten) {
    for_all_indices([&](u32 i) { EXPECT_TRUE(read(i) || !write(i, 0)) << std::hex << i; });
}

TEST_F(MsrPolicy, DirectAccessNeverReachesWhatTheMachineShares) {
    // Registers by which a guest would reach the machine or its neighbours.
    for (u32 i :
         {msr::apic_base, msr::feature_control, msr::misc_enable, msr::mtrr_def_type,
          msr::microcode_revision, msr::tsc_deadline, msr::vmx_basic, msr::x2apic_base + 0x30,
          u32{0x79} /* microcode update */, u32{0x199} /* IA32_PERF_CTL */, u32{0x1A2},
          u32{0x400} /* machine check */, u32{0xC80} /* RDT */})
        EXPECT_EQ(direct_access(i, true), MsrAccess::none) << std::hex << i;
    EXPECT_EQ(direct_access(msr::tsc, true), MsrAccess::read)
        << "a write would move every partition's clock";
    EXPECT_EQ(direct_access(msr::tsc_aux, false), MsrAccess::none);
}

TEST_F(MsrPolicy, TscMovesByOffsetAndAdjust) {
    EXPECT_EQ(read(msr::tsc), 1000u);
    EXPECT_TRUE(write(msr::tsc, 5000, 1000));
    EXPECT_EQ(read(msr::tsc, 1010), 5010u);
    EXPECT_EQ(read(msr::tsc_adjust), 4000u);
    EXPECT_TRUE(write(msr::tsc_adjust, 0));
    EXPECT_EQ(read(msr::tsc, 1010), 1010u);
    EXPECT_TRUE(write(msr::tsc, 0, 1000));
    EXPECT_EQ(read(msr::tsc, 1005), 5u);
}

TEST_F(MsrPolicy, DeadlineIsInTheGuestsTime) {
    apic.write(apic_reg::svr, 0x1FF, 0);
    apic.write(apic_reg::lvt_timer, 2 << 17 | 0xEC, 0);
    write(msr::tsc, 101000, 1000); // the guest is 100000 ahead
    EXPECT_TRUE(write(msr::tsc_deadline, 102000));
    EXPECT_EQ(apic.deadline(), 2000u);
    EXPECT_EQ(read(msr::tsc_deadline), 102000u);
    EXPECT_TRUE(write(msr::tsc_deadline, 0));
    EXPECT_EQ(apic.deadline(), LocalApic::never);
    EXPECT_TRUE(write(msr::tsc_deadline, 100000)); // 0 in the machine's time, yet armed
    EXPECT_NE(apic.deadline(), LocalApic::never);
}

TEST_F(MsrPolicy, MemoryTypesAreChecked) {
    EXPECT_TRUE(write(msr::mtrr_def_type, 0xC06));
    EXPECT_FALSE(write(msr::mtrr_def_type, 0xC02)) << "2 is no memory type";
    EXPECT_FALSE(write(msr::mtrr_def_type, 0x1000));
    EXPECT_FALSE(write(msr::mtrr_fix64k, 0x0706060606060606));
    EXPECT_TRUE(write(msr::mtrr_fix64k, 0x0506040100060606));
    EXPECT_EQ(read(msr::mtrr_fix64k), 0x0506040100060606u);
    EXPECT_FALSE(write(msr::mtrr_phys_base0, 0x103));
    EXPECT_TRUE(write(msr::mtrr_phys_base0, 0xC0000006));
}

TEST_F(MsrPolicy, X2ApicRegistersExistOnlyInThatMode) {
    EXPECT_FALSE(read(msr::x2apic_base + apic_reg::id));
    ASSERT_TRUE(write(msr::apic_base, 0xFEE00000 | 1 << 8 | 1 << 11 | 1 << 10));
    EXPECT_EQ(read(msr::x2apic_base + apic_reg::id), 0u);
    EXPECT_FALSE(read(msr::x2apic_base + apic_reg::eoi)) << "write-only";
}

} // namespace
} // namespace cloison::core
