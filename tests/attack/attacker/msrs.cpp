// SPDX-License-Identifier: Apache-2.0
// Model-specific registers. The list is of what a partition has, with what may be done to it; every
// other index must raise #GP(0), as one that the CPU does not have does.
#include "tests/attack/attacker/scenarios.hpp"

#include "tests/guest/apic.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/probe.hpp"

namespace cloison::attack {

using namespace guest;

namespace {

enum Allowed : u32 { none = 0, read = 1, write = 2, both = 3 };

struct Register {
    u32 first, last;
    Allowed allowed; // write: of the value that is read
};

constexpr Register registers[] = {
    {0x10, 0x10, both},             // IA32_TIME_STAMP_COUNTER
    {0x17, 0x17, read},             // IA32_PLATFORM_ID
    {0x1B, 0x1B, both},             // IA32_APIC_BASE
    {0x3B, 0x3B, both},             // IA32_TSC_ADJUST
    {0x8B, 0x8B, read},             // IA32_BIOS_SIGN_ID; takes a 0, see below
    {0xFE, 0xFE, read},             // IA32_MTRRCAP
    {0x174, 0x176, both},           // IA32_SYSENTER_CS, ESP, EIP
    {0x1A0, 0x1A0, both},           // IA32_MISC_ENABLE
    {0x1D9, 0x1D9, both},           // IA32_DEBUGCTL
    {0x200, 0x20F, both},           // IA32_MTRR_PHYSBASEn, PHYSMASKn of eight ranges
    {0x250, 0x250, both},           // IA32_MTRR_FIX64K
    {0x258, 0x259, both},           // IA32_MTRR_FIX16K
    {0x268, 0x26F, both},           // IA32_MTRR_FIX4K
    {0x277, 0x277, both},           // IA32_PAT
    {0x2FF, 0x2FF, both},           // IA32_MTRR_DEF_TYPE
    {0x6E0, 0x6E0, both},           // IA32_TSC_DEADLINE
    {0xDA0, 0xDA0, both},           // IA32_XSS
    {0xC0000080, 0xC0000084, both}, // IA32_EFER, STAR, LSTAR, CSTAR, FMASK
    {0xC0000100, 0xC0000103, both}, // IA32_FS_BASE, GS_BASE, KERNEL_GS_BASE, TSC_AUX
};

constexpr u32 x2apic_first = 0x800, x2apic_last = 0x8FF;

/// x2APIC registers (SDM vol. 3A, table 11-6) whose value may be written back.
constexpr Register x2apic_registers[] = {
    {0x802, 0x803, read}, // ID, version
    {0x808, 0x808, both}, // TPR
    {0x80A, 0x80A, read}, // PPR
    {0x80D, 0x80D, read}, // LDR
    {0x80F, 0x80F, both}, // SVR
    {0x810, 0x827, read}, // ISR, TMR, IRR
    {0x828, 0x828, both}, // ESR
    {0x832, 0x837, both}, // LVT
    {0x838, 0x838, both}, // initial count
    {0x839, 0x839, read}, // current count
    {0x83E, 0x83E, both}, // divide configuration
};
/// These are commands: EOI and self-IPI are write-only, what is in the ICR would be sent.
constexpr u32 x2apic_eoi = 0x80B, x2apic_icr = 0x830, x2apic_self_ipi = 0x83F;

template <usize N>
Allowed find(const Register (&list)[N], u32 index) {
    for (const Register& r : list)
        if (index >= r.first && index <= r.last)
            return r.allowed;
    return none;
}

bool is_refused(const Fault& fault) {
    return fault.is(vector::protection, 0);
}

void check_index(Check& check, u32 index, Allowed allowed) {
    auto [fault, value] = try_rdmsr(index);
    check.expect((allowed & read) != 0 ? !fault.happened : is_refused(fault), "rdmsr", index,
                 fault.number);
    fault = try_wrmsr(index, value);
    check.expect((allowed & write) != 0 ? !fault.happened : is_refused(fault), "wrmsr", index,
                 fault.number);
}

void check_range(const char* name, u32 first, u32 last) {
    Check check(name);
    for (u32 index = first;; ++index) {
        check_index(check, index, find(registers, index));
        if (index == last)
            break;
    }
}

void check_others() {
    Check check("msrs-others");
    for (u32 index : {0x2000u, 0xFFFFu, 0x10000u, 0x10174u, 0x3FFFFFFFu, 0x40000100u, 0x4B564D00u,
                      0x7FFFFFFFu, 0x80000000u, 0x80000080u, 0xBFFFFFFFu, 0xC0002000u, 0xC0002080u,
                      0xC0010010u, 0xC0011029u, 0xE0000080u, 0xFFFFFFFFu})
        check_index(check, index, none);
}

/// Values that registers which exist must refuse (SDM vol. 4 and the chapters it names).
void check_values() {
    Check check("msrs-values");
    constexpr u64 not_canonical = 0x8000000000000000;
    struct Value {
        u32 index;
        u64 value;
    };
    auto flip = [](u32 index, u64 bits) { return Value{index, try_rdmsr(index).value ^ bits}; };
    const Value refused[] = {
        {0xC0000082, not_canonical},
        {0xC0000083, not_canonical},
        {0xC0000100, not_canonical},
        {0xC0000101, not_canonical},
        {0xC0000102, not_canonical},
        {0x175, not_canonical},
        {0x176, not_canonical},
        {0x277, 0x0000000000000002},
        {0x277, 0x0800000000000000},
        {0x2FF, 0x02},
        {0x2FF, 0x1000},
        {0x250, 0x02},
        {0x200, 0x03},
        {0x1D9, 0x01},
        {0xDA0, 0x100},
        {0x8B, 1},
        flip(0xC0000080, 1 << 8),
        flip(0xC0000080, 1 << 1),
        flip(0xC0000080, 1 << 12),
        flip(0xC0000080, u64{1} << 63),
        flip(0x1B, 1 << 8),
        flip(0x1B, 1 << 12),
        flip(0x1B, 1 << 9),
        flip(0x1B, u64{1} << 40),
    };
    for (const Value& v : refused) {
        u64 before = try_rdmsr(v.index).value;
        Fault fault = try_wrmsr(v.index, v.value);
        check.expect(is_refused(fault), "wrmsr", v.index, v.value);
        check.expect_equal(try_rdmsr(v.index).value, before, "kept", v.index);
    }
    check.expect(!try_wrmsr(0x8B, 0).happened, "microcode-query");
}

/// Transitions of the local APIC's mode (SDM vol. 3A, 11.12.5) and, in x2APIC mode, its registers.
void check_x2apic() {
    Check check("msrs-x2apic");
    constexpr u32 apic_base = 0x1B;
    constexpr u64 enable = 1 << 11, x2apic = 1 << 10;
    u64 base = try_rdmsr(apic_base).value;
    check.expect(is_refused(try_wrmsr(apic_base, (base & ~enable) | x2apic)), "disabled-x2apic");
    apic.enter_x2apic();
    check.expect(is_refused(try_wrmsr(apic_base, base)), "x2apic-to-xapic");
    check.expect(is_refused(try_wrmsr(apic_base, (base & ~enable) | x2apic)), "x2apic-to-invalid");
    for (u32 index = x2apic_first; index <= x2apic_last; ++index) {
        if (index == x2apic_eoi || index == x2apic_icr || index == x2apic_self_ipi)
            continue;
        Allowed allowed = find(x2apic_registers, index);
        check_index(check, index, allowed);
        check.expect(is_refused(try_wrmsr(index, u64{1} << 32)), "high-half", index);
    }
    check.expect(is_refused(try_rdmsr(x2apic_eoi).fault), "eoi-read");
    check.expect(is_refused(try_wrmsr(x2apic_eoi, 1)), "eoi-not-zero");
    check.expect(!try_wrmsr(x2apic_eoi, 0).happened, "eoi");
    check.expect(is_refused(try_rdmsr(x2apic_self_ipi).fault), "self-ipi-read");
    check.expect(is_refused(try_wrmsr(x2apic_self_ipi, 0x100)), "self-ipi-vector");
    check.expect(!try_rdmsr(x2apic_icr).fault.happened, "icr-read");
}

} // namespace

void attack_msrs() {
    constexpr u32 tsc_adjust = 0x3B;
    check_range("msrs-low", 0, 0x1FFF);
    check_range("msrs-high", 0xC0000000, 0xC0001FFF);
    check_range("msrs-hypervisor", 0x40000000, 0x400000FF);
    check_others();
    check_values();
    (void)try_wrmsr(tsc_adjust, 0); // writing the TSC back has moved it
    check_x2apic();
}

} // namespace cloison::attack
