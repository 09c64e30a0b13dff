// SPDX-License-Identifier: Apache-2.0
// Control registers: bits and combinations that are illegal, or not the virtual CPU's, raise #GP(0)
// and change nothing; those that are legal do what they do on a bare CPU (SDM vol. 3A, 2.5
// and 4.1.1).
#include "tests/attack/attacker/scenarios.hpp"

#include "firmware/x86/instructions.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/paging.hpp"
#include "tests/guest/probe.hpp"

#include <asm/processor-flags.h>
#include <initializer_list>

namespace cloison::attack {

using namespace guest;

namespace {

Fault try_write_cr0(u64 value) {
    return attempt([&] { asm volatile(GUEST_TRY("mov %0, %%cr0") : : "r"(value) : "memory"); });
}

Fault try_write_cr3(u64 value) {
    return attempt([&] { asm volatile(GUEST_TRY("mov %0, %%cr3") : : "r"(value) : "memory"); });
}

Fault try_write_cr4(u64 value) {
    return attempt([&] { asm volatile(GUEST_TRY("mov %0, %%cr4") : : "r"(value) : "memory"); });
}

bool is_refused(const Fault& fault) {
    return fault.is(vector::protection, 0);
}

void check_cr0() {
    Check check("cr0");
    const u64 usual = x86::read_cr0();
    auto refused = [&](u64 value, const char* what) {
        check.expect(is_refused(try_write_cr0(value)), what, value);
        check.expect_equal(x86::read_cr0(), usual, "kept", value);
    };
    auto accepted = [&](u64 value, u64 wanted, const char* what) {
        check.expect(!try_write_cr0(value).happened, what, value);
        check.expect_equal(x86::read_cr0(), wanted, "value", value);
        x86::write_cr0(usual);
    };
    refused(usual & ~u64{X86_CR0_PE}, "paging-without-protection");
    refused(usual & ~u64{X86_CR0_PG}, "paging-off-in-64-bit-code");
    refused(usual | X86_CR0_NW, "not-write-through-alone");
    refused(usual | u64{1} << 32, "high-half");
    refused(usual | u64{1} << 63, "bit-63");
    refused((usual | X86_CR0_NW | X86_CR0_CD) & ~u64{X86_CR0_PE},
            "paging-without-protection-cache-off");
    accepted(usual | X86_CR0_CD, usual | X86_CR0_CD, "cache-off");
    accepted(usual | X86_CR0_CD | X86_CR0_NW, usual | X86_CR0_CD | X86_CR0_NW,
             "cache-off-not-write-through");
    accepted(usual & ~u64{X86_CR0_NE}, usual & ~u64{X86_CR0_NE}, "numeric-error-off");
    accepted(usual & ~u64{X86_CR0_WP}, usual & ~u64{X86_CR0_WP}, "write-protect-off");
    accepted(usual & ~u64{X86_CR0_ET}, usual, "extension-type-is-fixed");
    accepted(usual | X86_CR0_AM | X86_CR0_EM | X86_CR0_TS,
             usual | X86_CR0_AM | X86_CR0_EM | X86_CR0_TS, "am-em-ts");
    accepted(usual | u64{1} << 28, usual, "reserved-bit-is-ignored");
}

/// LMSW and CLTS reach the low four bits only, and PE cannot be cleared.
void check_machine_status_word() {
    Check check("cr0-msw");
    const u64 usual = x86::read_cr0();
    constexpr u64 low = X86_CR0_MP | X86_CR0_EM | X86_CR0_TS;
    asm volatile("lmsw %w0" : : "r"(0) : "memory");
    check.expect_equal(x86::read_cr0(), usual & ~low, "lmsw-0");
    asm volatile("lmsw %w0" : : "r"(0xFFFF) : "memory");
    check.expect_equal(x86::read_cr0(), usual | low, "lmsw-all");
    asm volatile("clts" : : : "memory");
    check.expect_equal(x86::read_cr0(), (usual | low) & ~u64{X86_CR0_TS}, "clts");
    x86::write_cr0(usual | X86_CR0_CD);
    asm volatile("lmsw %w0" : : "r"(0xFFFF) : "memory");
    check.expect_equal(x86::read_cr0(), usual | low | X86_CR0_CD, "lmsw-keeps-cd");
    x86::write_cr0(usual);
}

void check_cr4() {
    Check check("cr4");
    const u64 usual = x86::read_cr4();
    constexpr u32 allowed[] = {0, 1, 2,  3,  4,  5,  6, 7,
                               8, 9, 10, 11, 16, 17, 18}; // if CPUID shows them
    for (u32 bit = 0; bit < 64; ++bit) {
        if (bit == 20 || bit == 21)
            continue; // SMEP and SMAP would have this code, which is user mode's too, fault at once
        bool maybe = false;
        for (u32 a : allowed)
            maybe = maybe || a == bit;
        Fault fault = try_write_cr4(usual | u64{1} << bit);
        bool good = maybe ? !fault.happened || is_refused(fault) : is_refused(fault);
        check.expect(good, "bit", bit, fault.number);
        check.expect_equal(x86::read_cr4(), fault.happened ? usual : usual | u64{1} << bit, "value",
                           bit);
        x86::write_cr4(usual);
    }
    for (u64 bit : {u64{X86_CR4_VMXE}, u64{X86_CR4_SMXE}, u64{X86_CR4_PKE}, u64{X86_CR4_LA57}})
        check.expect(is_refused(try_write_cr4(usual | bit)), "not-the-guest's", bit);
    check.expect(is_refused(try_write_cr4(usual & ~u64{X86_CR4_PAE})), "pae-off-in-long-mode");
    check.expect_equal(x86::read_cr4(), usual, "kept");
}

/// Process-context identifiers may only be turned on while CR3 names the first.
void check_cr3() {
    Check check("cr3");
    const u64 usual_cr4 = x86::read_cr4();
    const u64 root = page_table_root();
    check.expect(is_refused(try_write_cr3(root | u64{1} << physical_bits())),
                 "beyond-physical-width");
    check.expect(is_refused(try_write_cr3(root | u64{1} << 63)), "bit-63-without-pcid");
    check.expect(!try_write_cr3(root | 1 << 3).happened, "write-through");
    check.expect(is_refused(try_write_cr4(usual_cr4 | X86_CR4_PCIDE)), "pcide-with-low-bits");
    check.expect(!try_write_cr3(root).happened, "root");
    if (!try_write_cr4(usual_cr4 | X86_CR4_PCIDE).happened) {
        check.expect(!try_write_cr3(root | 5).happened, "pcid");
        check.expect(!try_write_cr3(root | 5 | u64{1} << 63).happened, "pcid-no-flush");
        check.expect(is_refused(try_write_cr0(x86::read_cr0() & ~u64{X86_CR0_PG})),
                     "paging-off-with-pcide");
        check.expect(!try_write_cr3(root).happened, "root");
        x86::write_cr4(usual_cr4);
    }
    check.expect_equal(x86::read_cr3(), root, "kept");
}

void check_cr8() {
    Check check("cr8");
    auto try_write = [](u64 value) {
        return attempt([&] { asm volatile(GUEST_TRY("mov %0, %%cr8") : : "r"(value) : "memory"); });
    };
    for (u64 value = 0; value < 16; ++value) {
        check.expect(!try_write(value).happened, "priority", value);
        u64 got;
        asm volatile("mov %%cr8, %0" : "=r"(got));
        check.expect_equal(got, value, "value", value);
    }
    check.expect(is_refused(try_write(16)), "16");
    check.expect(is_refused(try_write(~u64{0})), "all-ones");
    check.expect(!try_write(0).happened, "0");
}

/// XCR0 (SDM vol. 1, 13.3): with x87, in whole groups, of what CPUID shows.
void check_xcr0() {
    Check check("xcr0");
    x86::write_cr4(usual_cr4 | X86_CR4_OSXSAVE);
    u64 shown = x86::cpuid(0xD).eax | u64{x86::cpuid(0xD).edx} << 32;
    auto try_write = [](u32 index, u64 value) {
        return attempt([&] {
            asm volatile(GUEST_TRY("xsetbv")
                         :
                         : "c"(index), "a"(static_cast<u32>(value)),
                           "d"(static_cast<u32>(value >> 32))
                         : "memory");
        });
    };
    auto read = [] {
        u32 low, high;
        asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        return u64{high} << 32 | low;
    };
    for (u64 value :
         {u64{0}, u64{2}, u64{4}, u64{5}, u64{6}, u64{0x21}, u64{0x27}, u64{0xE1}, u64{0xE3},
          shown | u64{1} << 63, shown | 0x100, shown | 0x200, shown | 0x18, shown | u64{1} << 62}) {
        check.expect(is_refused(try_write(0, value)), "refused", value);
        check.expect_equal(read(), 1, "kept", value);
    }
    check.expect(is_refused(try_write(1, 1)), "index-1");
    check.expect(is_refused(try_write(~u32{0}, 1)), "index-all-ones");
    for (u64 value : {u64{3}, u64{7}, shown, u64{1}}) {
        check.expect(!try_write(0, value).happened, "accepted", value);
        check.expect_equal(read(), value, "value", value);
    }
    x86::write_cr4(usual_cr4);
}

} // namespace

void attack_control_registers() {
    check_cr0();
    check_machine_status_word();
    check_cr4();
    check_cr3();
    check_cr8();
    check_xcr0();
}

} // namespace cloison::attack
