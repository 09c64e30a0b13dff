// SPDX-License-Identifier: Apache-2.0
// The CPUID that guests see, made from several machines' worth of host answers.
#include "firmware/core/cpu/cpuid_policy.hpp"

#include <asm/processor-flags.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>

namespace cloison::core {
namespace {

/// A machine's CPUID as a table; leaves not in it are zero.
struct FakeHost {
    std::map<std::pair<u32, u32>, CpuidValues> leaves;

    CpuidSource source() {
        return {this, [](void* context, u32 leaf, u32 subleaf) {
                    auto& table = static_cast<FakeHost*>(context)->leaves;
                    auto found = table.find({leaf, subleaf});
                    return found == table.end() ? CpuidValues{} : found->second;
                }};
    }

    /// Everything that exists, and then some: all feature bits set.
    static FakeHost generous() {
        FakeHost host;
        constexpr u32 all = ~u32{0};
        host.leaves[{0, 0}] = {0x20, 0x756E6547, 0x6C65746E, 0x49656E69};
        for (u32 leaf = 1; leaf < 0x20; ++leaf)
            host.leaves[{leaf, 0}] = {all, all, all, all};
        host.leaves[{0xD, 0}] = {0x2FF, 0xA88, 0xA88, 0};
        host.leaves[{0xD, 1}] = {0xF, 0xA88, 0x100, 0};
        host.leaves[{0xD, 2}] = {0x100, 576, 0, 0};
        host.leaves[{0xD, 5}] = {0x40, 0x440, 2, 0};
        host.leaves[{0xD, 6}] = {0x200, 0x480, 2, 0};
        host.leaves[{0xD, 7}] = {0x400, 0x680, 2, 0};
        host.leaves[{0xD, 9}] = {0x8, 0xA80, 0, 0};
        host.leaves[{0x80000000, 0}] = {0x80000008, 0, 0, 0};
        for (u32 leaf = 1; leaf <= 8; ++leaf)
            host.leaves[{0x80000000 + leaf, 0}] = {all, all, all, all};
        host.leaves[{0x80000008, 0}] = {0x3027, all, all, all};
        return host;
    }
};

CpuidParameters usual() {
    return {.tsc_hz = 50'000'000, .cpus = 2, .apic_id = 1, .rdtscp = true, .invpcid = true};
}

TEST(CpuidPolicy, WhatTheFirmwareKeepsIsNotShown) {
    auto host = FakeHost::generous();
    CpuidTable table(host.source(), usual());
    auto one = table.lookup(1, 0, {});
    for (u32 bit : {3u /* MONITOR */, 5u /* VMX */, 6u /* SMX */, 7u /* EST */, 15u /* PDCM */,
                    18u /* DCA */})
        EXPECT_EQ(one.ecx >> bit & 1, 0u) << "leaf 1 ECX bit " << bit;
    for (u32 bit : {7u /* MCE */, 14u /* MCA */, 21u /* DS */, 22u /* ACPI */, 29u /* TM */})
        EXPECT_EQ(one.edx >> bit & 1, 0u) << "leaf 1 EDX bit " << bit;
    auto seven = table.lookup(7, 0, {});
    for (u32 bit : {2u /* SGX */, 4u /* HLE */, 11u /* RTM */, 12u /* RDT-M */, 14u /* MPX */,
                    15u /* RDT-A */, 25u /* PT */})
        EXPECT_EQ(seven.ebx >> bit & 1, 0u) << "leaf 7 EBX bit " << bit;
    for (u32 bit : {3u /* PKU */, 7u /* CET_SS */, 16u /* LA57 */})
        EXPECT_EQ(seven.ecx >> bit & 1, 0u) << "leaf 7 ECX bit " << bit;
    for (u32 leaf : {5u, 0xAu, 0xFu, 0x10u, 0x12u, 0x14u}) {
        auto v = table.lookup(leaf, 0, {});
        EXPECT_EQ(v.eax | v.ebx | v.ecx | v.edx, 0u) << "leaf " << leaf;
    }
}

TEST(CpuidPolicy, WhatTheFirmwareEmulatesIsShownOnAnyMachine) {
    FakeHost poor;
    poor.leaves[{0, 0}] = {7, 0, 0, 0};
    CpuidTable table(poor.source(), usual());
    auto one = table.lookup(1, 0, {});
    EXPECT_EQ(one.ecx, 1u << 21 | 1u << 24 | 1u << 31);
    EXPECT_EQ(table.lookup(7, 0, {}).ebx, 2u); // IA32_TSC_ADJUST
}

TEST(CpuidPolicy, OsxsaveFollowsCr4) {
    auto host = FakeHost::generous();
    CpuidTable table(host.source(), usual());
    EXPECT_EQ(table.lookup(1, 0, {}).ecx >> 27 & 1, 0u);
    EXPECT_EQ(table.lookup(1, 0, {X86_CR4_OSXSAVE, 1}).ecx >> 27 & 1, 1u);
}

TEST(CpuidPolicy, TopologyIsDenseAndConsistent) {
    auto host = FakeHost::generous();
    host.leaves[{4, 0}] = {0xFC004121, 0x1C0003F, 0x3F, 0};
    host.leaves[{4, 3}] = {0xFC1FC163, 0x2C0003F, 0x3FFF, 0};
    for (u32 cpus = 1; cpus <= 64; ++cpus) {
        auto parameters = usual();
        parameters.cpus = cpus;
        parameters.apic_id = cpus - 1;
        CpuidTable table(host.source(), parameters);
        auto one = table.lookup(1, 0, {});
        EXPECT_EQ(one.ebx >> 24, cpus - 1);
        EXPECT_GE(one.ebx >> 16 & 0xFF, cpus);
        EXPECT_EQ(one.edx >> 28 & 1, cpus > 1 ? 1u : 0u);
        auto core = table.lookup(0xB, 1, {});
        EXPECT_EQ(core.ebx, cpus);
        EXPECT_EQ((cpus - 1) >> core.eax, 0u) << "all APIC IDs in one package";
        EXPECT_EQ(core.edx, cpus - 1);
        EXPECT_EQ(table.lookup(0xB, 0, {}).ebx, 1u) << "one thread a core";
        EXPECT_EQ(table.lookup(0xB, 2, {}).ebx, 0u);
        EXPECT_EQ(table.lookup(4, 0, {}).eax >> 14 & 0xFFF, 0u)
            << "the first-level cache is private";
        EXPECT_GE((table.lookup(4, 3, {}).eax >> 14 & 0xFFF) + 1, cpus)
            << "the last-level cache is shared";
    }
}

TEST(CpuidPolicy, ExtendedStateSizesAreConsistent) {
    auto host = FakeHost::generous();
    CpuidTable table(host.source(), usual());
    auto d = table.lookup(0xD, 0, {0, 1});
    EXPECT_EQ(d.eax, 0xE7u) << "x87, SSE, AVX, AVX-512; no protection keys, no MPX";
    EXPECT_EQ(d.edx, 0u);
    EXPECT_EQ(d.ebx, 576u) << "size for x87 alone";
    EXPECT_EQ(d.ecx, 0x680u + 0x400u) << "size for all that is shown";
    EXPECT_EQ(table.lookup(0xD, 0, {0, 7}).ebx, 832u);
    EXPECT_EQ(table.lookup(0xD, 0, {0, 0xE7}).ebx, d.ecx);
    EXPECT_EQ(table.lookup(0xD, 1, {0, 0xE7}).eax, 1u) << "XSAVEOPT, nothing that compacts";
    EXPECT_EQ(table.lookup(0xD, 1, {0, 0xE7}).ebx, 0u);
    EXPECT_EQ(table.lookup(0xD, 9, {}).eax, 0u) << "no protection keys";
    EXPECT_EQ(table.lookup(0xD, 63, {}).eax, 0u);
}

TEST(CpuidPolicy, Xcr0TakesOnlyWholeGroups) {
    auto host = FakeHost::generous();
    CpuidTable table(host.source(), usual());
    for (u64 xcr0 = 0; xcr0 < 0x800; ++xcr0) {
        bool x87 = (xcr0 & 1) != 0, sse = (xcr0 & 2) != 0, avx = (xcr0 & 4) != 0;
        u64 wide = xcr0 & 0xE0;
        bool legal = x87 && (!avx || sse) && (wide == 0 || (wide == 0xE0 && avx)) &&
                     (xcr0 & ~u64{0xE7}) == 0;
        EXPECT_EQ(table.valid_xcr0(xcr0), legal) << std::hex << xcr0;
    }
    host.leaves[{1, 0}].ecx &= ~(1u << 26);
    CpuidTable without(host.source(), usual());
    EXPECT_FALSE(without.valid_xcr0(3));
}

TEST(CpuidPolicy, ClockFrequenciesAgree) {
    auto host = FakeHost::generous();
    auto parameters = usual();
    CpuidTable table(host.source(), parameters);
    auto crystal = table.lookup(0x15, 0, {});
    EXPECT_EQ(u64{crystal.ecx} * crystal.ebx / crystal.eax, parameters.tsc_hz);
    parameters.tsc_hz = 5'000'000'000; // does not fit: the guest measures for itself
    CpuidTable fast(host.source(), parameters);
    EXPECT_EQ(fast.lookup(0x15, 0, {}).eax, 0u);
}

TEST(CpuidPolicy, LeavesPastTheLastAnswerAsTheLast) {
    auto host = FakeHost::generous();
    CpuidTable table(host.source(), usual());
    u32 last = table.lookup(0, 0, {}).eax;
    EXPECT_EQ(table.lookup(last + 1, 0, {}).eax, table.lookup(last, 0, {}).eax);
    EXPECT_EQ(table.lookup(0x8FFFFFFF, 0, {}).eax, table.lookup(last, 0, {}).eax);
    EXPECT_EQ(table.lookup(0x40000000, 0, {}).ebx, 0x696F6C43u);
    EXPECT_EQ(table.lookup(0x40000001, 0, {}).eax, 0u);
}

TEST(CpuidPolicy, AnyLeafOfAnyMachineIsAnswered) {
    std::mt19937 random(7);
    for (int machine = 0; machine < 200; ++machine) {
        FakeHost host;
        for (u32 leaf = 0; leaf < 0x20; ++leaf)
            for (u32 sub = 0; sub < 4; ++sub)
                host.leaves[{leaf, sub}] = {static_cast<u32>(random()), static_cast<u32>(random()),
                                            static_cast<u32>(random()), static_cast<u32>(random())};
        CpuidTable table(host.source(), usual());
        for (int i = 0; i < 200; ++i) {
            auto leaf = static_cast<u32>(random()) & 0xC000001F;
            auto one = table.lookup(leaf, static_cast<u32>(random()) & 63, {random(), random()});
            EXPECT_TRUE(leaf != 1 || (one.ecx >> 5 & 1) == 0) << "VMX is never shown";
        }
    }
}

} // namespace
} // namespace cloison::core
