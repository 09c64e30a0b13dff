// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/cpu/cpuid_policy.hpp"

#include <asm/processor-flags.h>
#include <bit>
#include <initializer_list>

namespace cloison::core {

namespace {

constexpr u32 bits(std::initializer_list<u32> positions) {
    u32 mask = 0;
    for (u32 p : positions)
        mask |= u32{1} << p;
    return mask;
}

// Leaf 1 (SDM vol. 2A, CPUID, tables 3-10 and 3-11). Not there: DTES64, MONITOR, VMX, SMX, EST,
// TM2, PDCM (no such MSRs), PCID-independent rest: DCA, XTPR.
constexpr u32 leaf1_ecx =
    bits({0 /* SSE3 */, 1 /* PCLMULQDQ */, 9 /* SSSE3 */, 12 /* FMA */, 13 /* CMPXCHG16B */,
          17 /* PCID */, 19 /* SSE4.1 */, 20 /* SSE4.2 */, 22 /* MOVBE */, 23 /* POPCNT */,
          25 /* AES */, 26 /* XSAVE */, 28 /* AVX */, 29 /* F16C */, 30 /* RDRAND */});
constexpr u32 leaf1_ecx_emulated =
    bits({21 /* x2APIC */, 24 /* TSC deadline */, 31 /* hypervisor present */});
constexpr u32 osxsave = bits({27});
// Not there: MCE and MCA (no banks), DS, ACPI thermal, TM, PBE, HTT (set where there are several
// CPUs).
constexpr u32 leaf1_edx = bits({0 /* FPU */,    1 /* VME */,   2 /* DE */,
                                3 /* PSE */,    4 /* TSC */,   5 /* MSR */,
                                6 /* PAE */,    8 /* CX8 */,   9 /* APIC */,
                                11 /* SEP */,   12 /* MTRR */, 13 /* PGE */,
                                15 /* CMOV */,  16 /* PAT */,  17 /* PSE-36 */,
                                19 /* CLFSH */, 23 /* MMX */,  24 /* FXSR */,
                                25 /* SSE */,   26 /* SSE2 */, 27 /* SS */});
constexpr u32 htt = bits({28});
// Leaf 7 (table 3-15). Not there: SGX, HLE and RTM, MPX, RDT, processor trace, protection keys,
// 5-level paging, CET, and everything that needs an MSR which msr_policy.cpp does not name.
constexpr u32 leaf7_ebx =
    bits({0 /* FSGSBASE */, 3 /* BMI1 */, 5 /* AVX2 */, 7 /* SMEP */, 8 /* BMI2 */, 9 /* ERMS */,
          16 /* AVX512F */, 17 /* AVX512DQ */, 18 /* RDSEED */, 19 /* ADX */, 20 /* SMAP */,
          21 /* AVX512_IFMA */, 23 /* CLFLUSHOPT */, 24 /* CLWB */, 28 /* AVX512CD */, 29 /* SHA */,
          30 /* AVX512BW */, 31 /* AVX512VL */});
constexpr u32 leaf7_ebx_emulated = bits({1 /* IA32_TSC_ADJUST */});
constexpr u32 invpcid_bit = bits({10});
constexpr u32 leaf7_ecx = bits(
    {1 /* AVX512_VBMI */, 2 /* UMIP */, 6 /* AVX512_VBMI2 */, 8 /* GFNI */, 9 /* VAES */,
     10 /* VPCLMULQDQ */, 11 /* AVX512_VNNI */, 12 /* AVX512_BITALG */, 14 /* AVX512_VPOPCNTDQ */});
constexpr u32 rdpid_bit = bits({22});
constexpr u32 leaf7_edx = bits({4 /* fast short REP MOV */, 10 /* MD_CLEAR */});
// Extended leaf 1 (table 3-8).
constexpr u32 extended1_ecx = bits({0 /* LAHF/SAHF */, 5 /* LZCNT */, 8 /* PREFETCHW */});
constexpr u32 extended1_edx =
    bits({11 /* SYSCALL */, 20 /* NX */, 26 /* 1 GiB pages */, 29 /* Intel 64 */});
constexpr u32 rdtscp_bit = bits({27});

// XCR0 components that a guest may use: x87, SSE, AVX, the three of AVX-512.
constexpr u64 avx512_state = 0xE0;
constexpr u64 xcr0_allowed = 0x7 | avx512_state;
constexpr u32 xsave_header_end = 576; // legacy region and header (SDM vol. 1, 13.4)

constexpr u32 extended_base = 0x80000000, hypervisor_base = 0x40000000;

} // namespace

CpuidTable::CpuidTable(CpuidSource source, const CpuidParameters& parameters)
    : source_(source),
      cpus_(parameters.cpus),
      apic_id_(parameters.apic_id) {
    fill_basic(parameters);
    fill_extended_state();
    fill_extended(parameters);
}

void CpuidTable::fill_basic(const CpuidParameters& p) {
    u32 last = host(0).eax;
    basic_[0] = host(0);
    // Leaves past the machine's last are not invented, but for 0BH, which the local APICs need.
    basic_[0].eax = last < 0xB ? 0xB : last < basic_leaves ? last : basic_leaves - 1;

    CpuidValues one = host(1);
    u32 counted = std::bit_ceil(p.cpus) > 255 ? 255 : std::bit_ceil(p.cpus);
    basic_[1].eax = one.eax;
    basic_[1].ebx = (one.ebx & 0xFF00) | counted << 16 | (p.apic_id > 255 ? 255 : p.apic_id) << 24;
    basic_[1].ecx = (one.ecx & leaf1_ecx) | leaf1_ecx_emulated;
    basic_[1].edx = (one.edx & leaf1_edx) | (p.cpus > 1 ? htt : 0);
    basic_[2] = host(2);
    basic_[6].eax = bits({2}); // ARAT: the local APIC's timer never stops
    if (last >= 7) {
        CpuidValues seven = host(7);
        basic_[7].ebx =
            (seven.ebx & (leaf7_ebx | (p.invpcid ? invpcid_bit : 0))) | leaf7_ebx_emulated;
        basic_[7].ecx = seven.ecx & (leaf7_ecx | (p.rdtscp ? rdpid_bit : 0));
        basic_[7].edx = seven.edx & leaf7_edx;
    }
    // TSC and local APIC timer count at the same rate, given as a crystal of that frequency and a
    // ratio of one, so that a guest need not measure either (SDM vol. 3B, 18.7.3).
    if (last >= 0x15 && p.tsc_hz >> 32 == 0)
        basic_[0x15] = {1, 1, static_cast<u32>(p.tsc_hz), 0};
    if (last >= 0x16)
        basic_[0x16] = {static_cast<u32>(p.tsc_hz / 1000000) & 0xFFFF,
                        static_cast<u32>(p.tsc_hz / 1000000) & 0xFFFF, 0, 0};
}

void CpuidTable::fill_extended_state() {
    if ((basic_[1].ecx & bits({26})) == 0 || basic_[0].eax < 0xD)
        return;
    CpuidValues d = host(0xD);
    xcr0_mask_ = (u64{d.edx} << 32 | d.eax) & xcr0_allowed;
    if ((basic_[7].ebx & bits({16})) == 0 || (xcr0_mask_ & avx512_state) != avx512_state)
        xcr0_mask_ &= ~avx512_state;
    u32 size = xsave_header_end;
    for (u32 component = 2; component < 2 + state_components; ++component) {
        if ((xcr0_mask_ >> component & 1) == 0)
            continue;
        CpuidValues& s = state_[component - 2];
        s = host(0xD, component);
        size = s.eax + s.ebx > size ? s.eax + s.ebx : size;
    }
    basic_[0xD] = {static_cast<u32>(xcr0_mask_), 0, size, 0};
    // XSAVEOPT, and nothing that compacts: Bochs 2.7 begins the extended region of the compacted
    // format at byte 416, so that AVX registers and the header at 512 overwrite each other. Linux
    // would switch between processes with it. The standard format costs it some bytes.
    basic_[0xD].edx = host(0xD, 1).eax & bits({0}); // kept here for subleaf 1; subleaf 0's own is 0
}

void CpuidTable::fill_extended(const CpuidParameters& p) {
    u32 last = host(extended_base).eax;
    u32 count = last < extended_base ? 0 : last - extended_base + 1;
    count = count < extended_leaves ? count : extended_leaves;
    extended_[0].eax = extended_base + (count == 0 ? 0 : count - 1);
    if (count > 1) {
        CpuidValues one = host(extended_base + 1);
        extended_[1].ecx = one.ecx & extended1_ecx;
        extended_[1].edx = one.edx & (extended1_edx | (p.rdtscp ? rdtscp_bit : 0));
    }
    for (u32 leaf = 2; leaf <= 6 && leaf < count;
         ++leaf) // the brand string, and the second-level cache
        extended_[leaf] = host(extended_base + leaf);
    if (count > 7)
        extended_[7].edx = host(extended_base + 7).edx & bits({8}); // invariant TSC
    if (count > 8)
        extended_[8].eax = host(extended_base + 8).eax & 0xFFFF; // address widths
}

CpuidValues CpuidTable::lookup(u32 leaf, u32 subleaf, const CpuidState& state) const {
    if (leaf - extended_base < extended_leaves)
        return leaf <= extended_[0].eax ? extended_[leaf - extended_base] : CpuidValues{};
    if (leaf == hypervisor_base) // signature "CloisonCloison" cut to 12 bytes; no leaves behind it
        return {hypervisor_base, 0x696F6C43, 0x436E6F73, 0x73696F6C};
    if (leaf - hypervisor_base < 0x10000)
        return {};
    if (leaf > basic_[0].eax) // Intel CPUs answer with the last basic leaf (SDM vol. 2A, CPUID)
        leaf = basic_[0].eax;
    switch (leaf) {
    case 1: {
        CpuidValues one = basic_[1];
        if ((state.cr4 & X86_CR4_OSXSAVE) != 0 && (one.ecx & bits({26})) != 0)
            one.ecx |= osxsave;
        return one;
    }
    case 4:
        return cache(subleaf);
    case 7:
        return subleaf == 0 ? basic_[7] : CpuidValues{};
    case 0xB:
        return topology(subleaf);
    case 0xD:
        return extended_state(subleaf, state.xcr0);
    default:
        return basic_[leaf];
    }
}

/// Caches as the machine has them; each virtual CPU counts as a core of one package.
CpuidValues CpuidTable::cache(u32 subleaf) const {
    constexpr u32 shared_mask = 0xFFFu << 14, cores_mask = 0x3Fu << 26;
    CpuidValues c = host(4, subleaf);
    if ((c.eax & 0x1F) == 0)
        return c;
    u32 level = c.eax >> 5 & 7;
    u32 sharers = level < 3 ? 1 : std::bit_ceil(cpus_);
    u32 cores = std::bit_ceil(cpus_) > 64 ? 64 : std::bit_ceil(cpus_);
    c.eax = (c.eax & ~(shared_mask | cores_mask)) | (sharers - 1) << 14 | (cores - 1) << 26;
    return c;
}

/// Leaf 0BH: one thread a core, all cores in one package.
CpuidValues CpuidTable::topology(u32 subleaf) const {
    constexpr u32 level_smt = 1 << 8, level_core = 2 << 8;
    auto shift = static_cast<u32>(std::bit_width(std::bit_ceil(cpus_)) - 1);
    if (subleaf == 0)
        return {0, 1, level_smt, apic_id_};
    if (subleaf == 1)
        return {shift, cpus_, 1 | level_core, apic_id_};
    return {0, 0, subleaf & 0xFF, apic_id_};
}

CpuidValues CpuidTable::extended_state(u32 subleaf, u64 xcr0) const {
    if (xcr0_mask_ == 1)
        return {};
    if (subleaf >= 2)
        return subleaf - 2 < state_components ? state_[subleaf - 2] : CpuidValues{};
    u32 standard = xsave_header_end;
    for (u32 component = 2; component < 2 + state_components; ++component) {
        if ((xcr0 >> component & 1) == 0)
            continue;
        const CpuidValues& s = state_[component - 2];
        standard = s.eax + s.ebx > standard ? s.eax + s.ebx : standard;
    }
    if (subleaf == 1)
        return {basic_[0xD].edx, 0, 0, 0};
    return {basic_[0xD].eax, standard, basic_[0xD].ecx, 0};
}

bool CpuidTable::valid_xcr0(u64 xcr0) const {
    constexpr u64 x87 = 1, sse = 2, avx = 4;
    if ((xcr0 & ~xcr0_mask_) != 0 || (xcr0 & x87) == 0)
        return false;
    if ((xcr0 & avx) != 0 && (xcr0 & sse) == 0)
        return false;
    u64 wide = xcr0 & avx512_state;
    return wide == 0 || (wide == avx512_state && (xcr0 & avx) != 0);
}

} // namespace cloison::core
