// SPDX-License-Identifier: Apache-2.0
// Instructions that could reach past the partition, and those that the virtual CPU does not have.
#include "tests/attack/attacker/scenarios.hpp"

#include "tests/guest/check.hpp"
#include "tests/guest/paging.hpp"
#include "tests/guest/probe.hpp"

#include <initializer_list>

namespace cloison::attack {

using namespace guest;

namespace {

alignas(page_size) u8 page[page_size];

/// Expects #UD of an instruction, whatever is in the registers.
#define EXPECT_UNDEFINED(text)                                                                     \
    check.expect(attempt([] {                                                                      \
                     u64 a = 0, b = 0, c = 0, d = 0;                                               \
                     u8* address = page;                                                           \
                     asm volatile(GUEST_TRY(text)                                                  \
                                  : "+a"(a), "+b"(b), "+c"(c), "+d"(d), "+D"(address)              \
                                  :                                                                \
                                  : "memory", "cc");                                               \
                 }).is(vector::undefined),                                                         \
                 text)

/// VMX and SMX (SDM vol. 3C, chapters 26 and 31; vol. 2D, chapter 6), SVM, and what else there is
/// of the kind.
void check_virtualization() {
    Check check("instructions-virtualization");
    EXPECT_UNDEFINED("vmxon (%%rdi)");
    EXPECT_UNDEFINED("vmxoff");
    EXPECT_UNDEFINED("vmcall");
    EXPECT_UNDEFINED("vmlaunch");
    EXPECT_UNDEFINED("vmresume");
    EXPECT_UNDEFINED("vmclear (%%rdi)");
    EXPECT_UNDEFINED("vmptrld (%%rdi)");
    EXPECT_UNDEFINED("vmptrst (%%rdi)");
    EXPECT_UNDEFINED("vmread %%rax, %%rcx");
    EXPECT_UNDEFINED("vmwrite %%rax, %%rcx");
    EXPECT_UNDEFINED("vmread %%rax, (%%rdi)");
    EXPECT_UNDEFINED("invept (%%rdi), %%rax");
    EXPECT_UNDEFINED("invvpid (%%rdi), %%rax");
    EXPECT_UNDEFINED("vmfunc");
    EXPECT_UNDEFINED("getsec");
    EXPECT_UNDEFINED("rsm");
    EXPECT_UNDEFINED("vmrun");
    EXPECT_UNDEFINED("vmload");
    EXPECT_UNDEFINED("vmsave");
    EXPECT_UNDEFINED("stgi");
    EXPECT_UNDEFINED("clgi");
    EXPECT_UNDEFINED("skinit");
    EXPECT_UNDEFINED("encls");
    EXPECT_UNDEFINED("enclu");
}

/// Features that the virtual CPU's CPUID does not show.
void check_absent() {
    Check check("instructions-absent");
    EXPECT_UNDEFINED("monitor");
    EXPECT_UNDEFINED("mwait");
    EXPECT_UNDEFINED("rdpkru");
    EXPECT_UNDEFINED("wrpkru");
    EXPECT_UNDEFINED("syscall");
    EXPECT_UNDEFINED("rdfsbase %%rax");
    EXPECT_UNDEFINED("xgetbv");
    EXPECT_UNDEFINED("xsave (%%rdi)");
    EXPECT_UNDEFINED(".byte 0xF0, 0xFF, 0xC0 # lock inc eax");
    EXPECT_UNDEFINED("ud2");
}

void check_counters() {
    Check check("instructions-rdpmc");
    for (u64 counter :
         {u64{0}, u64{1}, u64{7}, u64{0x40000000}, u64{0x40000002}, u64{0xFFFFFFFF}}) {
        u32 low = 0, high = 0;
        Fault fault = attempt([&] {
            asm volatile(GUEST_TRY("rdpmc") : "+a"(low), "+d"(high) : "c"(counter) : "memory");
        });
        check.expect(fault.is(vector::protection, 0), "rdpmc", counter, fault.number);
    }
}

/// Caches are the partition's to write back; nothing in them is lost, not even by INVD.
void check_caches() {
    Check check("instructions-caches");
    for (usize i = 0; i < sizeof page; ++i)
        page[i] = static_cast<u8>(i * 7);
    for (bool invalidate : {false, true}) {
        Fault fault = attempt([&] {
            if (invalidate)
                asm volatile(GUEST_TRY("invd") : : : "memory");
            else
                asm volatile(GUEST_TRY("wbinvd") : : : "memory");
        });
        check.expect(!fault.happened, invalidate ? "invd" : "wbinvd");
        bool kept = true;
        for (usize i = 0; i < sizeof page; ++i)
            kept = kept && page[i] == static_cast<u8>(i * 7);
        check.expect(kept, "contents");
    }
    check.expect(!attempt([] {
                      asm volatile(GUEST_TRY("clflush (%0)") : : "r"(page) : "memory");
                  }).happened,
                 "clflush");
}

/// Debug registers belong to the CPU that the partition has to itself, and protect themselves.
void check_debug_registers() {
    Check check("instructions-debug-registers");
    constexpr u64 general_detect = 1 << 13, always_one = 1 << 10, local0 = 1 << 1,
                  write_8_bytes = 0x9 << 16;
    constexpr u64 high = u64{1} << 32;
    auto write7 = [](u64 value) {
        return attempt([&] { asm volatile(GUEST_TRY("mov %0, %%dr7") : : "r"(value) : "memory"); });
    };
    auto read7 = [] {
        u64 value;
        asm volatile("mov %%dr7, %0" : "=r"(value));
        return value;
    };
    check.expect(write7(high).is(vector::protection, 0), "dr7-high-half");
    check.expect(attempt([] {
                     asm volatile(GUEST_TRY("mov %0, %%dr6") : : "r"(high) : "memory");
                 }).is(vector::protection, 0),
                 "dr6-high-half");
    check.expect(!write7(always_one | general_detect).happened, "dr7-gd");
    u64 value = 0;
    Fault fault = attempt([&] {
        asm volatile(GUEST_TRY("mov %%dr7, %0") : "+r"(value) : : "memory");
    });
    check.expect(fault.is(vector::debug), "gd", 0, fault.number);
    check.expect_equal(read7(), always_one, "gd-cleared");

    u64 watched = reinterpret_cast<u64>(page);
    asm volatile("mov %0, %%dr0" : : "r"(watched));
    check.expect(!write7(always_one | local0 | write_8_bytes).happened, "dr7-watch");
    fault = attempt([&] { asm volatile(GUEST_TRY("movq $1, (%0)") : : "r"(page) : "memory"); });
    check.expect(fault.is(vector::debug), "watch", 0, fault.number);
    asm volatile("cpuid" : "+a"(value) : : "rbx", "rcx", "rdx"); // an exit in between
    check.expect_equal(read7(), always_one | local0 | write_8_bytes, "dr7-kept");
    check.expect(!write7(always_one).happened, "dr7-off");
    asm volatile("mov %0, %%dr0" : : "r"(u64{0}));
    asm volatile("mov %0, %%dr6" : : "r"(u64{0xFFFF0FF0}));
}

/// INVPCID where CPUID shows it: types are checked; else it is undefined.
void check_invpcid() {
    Check check("instructions-invpcid");
    u32 ebx = 0, eax = 7, ecx = 0, edx = 0;
    asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    bool there = (ebx >> 10 & 1) != 0;
    u64 descriptor[2] = {0, 0};
    for (u64 type = 0; type < 6; ++type) {
        Fault fault = attempt([&] {
            asm volatile(GUEST_TRY("invpcid %0, %1") : : "m"(descriptor), "r"(type) : "memory");
        });
        bool expected = !there     ? fault.is(vector::undefined)
                        : type > 3 ? fault.is(vector::protection, 0)
                                   : !fault.happened;
        check.expect(expected, "type", type, fault.number);
    }
    check.expect(!attempt([] {
                      asm volatile(GUEST_TRY("invlpg (%0)") : : "r"(unmapped_address) : "memory");
                  }).happened,
                 "invlpg");
}

} // namespace

void attack_instructions() {
    check_virtualization();
    check_absent();
    check_counters();
    check_caches();
    check_debug_registers();
    check_invpcid();
}

} // namespace cloison::attack
