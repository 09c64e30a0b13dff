// SPDX-License-Identifier: Apache-2.0
// CPUID says what the virtual CPU does: no virtualization, its own place among its partition's
// CPUs, and sizes of extended state that are those which XSAVE writes. What is in the extended
// registers survives.
#include "tests/attack/attacker/scenarios.hpp"

#include "firmware/x86/instructions.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/cpu.hpp"
#include "tests/guest/guest.hpp"
#include "tests/guest/second_cpu.hpp"

#include <asm/processor-flags.h>
#include <cstring>

namespace cloison::attack {

using namespace guest;
using x86::cpuid;

namespace {

constexpr u32 xsave_header_end = 576; // legacy region and header (SDM vol. 1, 13.4)
constexpr u64 x87 = 1, sse = 2, avx = 4, avx512 = 0xE0;

bool bit(u32 word, u32 number) {
    return (word >> number & 1) != 0;
}

void check_features() {
    Check check("cpuid-features");
    auto one = cpuid(1);
    check.expect(!bit(one.ecx, 5), "vmx");
    check.expect(!bit(one.ecx, 6), "smx");
    check.expect(!bit(one.ecx, 3), "monitor");
    check.expect(!bit(one.ecx, 15), "perfmon");
    check.expect(!bit(one.ecx, 27), "osxsave-off");
    check.expect(bit(one.ecx, 31), "hypervisor");
    check.expect(bit(one.ecx, 21), "x2apic");
    check.expect(bit(one.edx, 9), "apic");
    check.expect(!bit(one.edx, 21), "debug-store");
    x86::write_cr4(usual_cr4 | X86_CR4_OSXSAVE);
    check.expect(bit(cpuid(1).ecx, 27), "osxsave-on");
    x86::write_cr4(usual_cr4);
    auto seven = cpuid(7);
    check.expect(!bit(seven.ebx, 2), "sgx");
    check.expect(!bit(seven.ebx, 12) && !bit(seven.ebx, 15), "rdt");
    check.expect(!bit(seven.ebx, 25), "processor-trace");
    check.expect(!bit(seven.ecx, 3) && !bit(seven.ecx, 4), "protection-keys");
    check.expect(!bit(seven.ecx, 16), "5-level-paging");
    check.expect(!bit(cpuid(0x80000001).ecx, 2), "svm");
    check.expect_equal(cpuid(0xA).eax, 0, "performance-counters");
    check.expect(cpuid(0x40000000).eax == 0x40000000, "hypervisor-leaves");
    check.expect_equal(cpuid(0x40000001).eax, 0, "no-hypervisor-interface");
}

void check_topology_here(Check& check, u32 id, u32 count) {
    check.expect_equal(cpuid(1).ebx >> 24, id, "initial-apic-id", id);
    check.expect_equal(cpuid(0xB).edx, id, "x2apic-id", id);
    check.expect_equal(cpuid(0xB, 0).ebx, 1, "threads", id);
    check.expect_equal(cpuid(0xB, 1).ebx, count, "cpus", id);
}

volatile u32 second_ids[2];

void check_topology() {
    Check check("cpuid-topology");
    check_topology_here(check, 0, 2);
    check.expect(second_cpu.start(), "start");
    check.expect(second_cpu.run([] {
        second_ids[0] = cpuid(1).ebx >> 24;
        second_ids[1] = cpuid(0xB).edx;
    }),
                 "run");
    check.expect(second_ids[0] == 1 && second_ids[1] == 1, "second-cpu");
}

alignas(64) u8 area[4096];

/// One past the last byte that `save` wrote.
template <typename F>
u32 written_by(F&& save) {
    u32 end = 0;
    for (u8 fill : {u8{0xCC}, u8{0x33}}) {
        std::memset(area, fill, sizeof area);
        std::memset(area + 512, 0, 64); // the header, which XSAVE partly keeps
        save();
        for (u32 i = sizeof area; i > end; --i)
            if (area[i - 1] != fill) {
                end = i;
                break;
            }
    }
    return end;
}

/// No component in its initial state.
void dirty_extended_state(u64 components) {
    asm volatile("fninit; fld1; pcmpeqd %%xmm0, %%xmm0; pcmpeqd %%xmm15, %%xmm15" : : : "memory");
    if ((components & avx) != 0)
        asm volatile("vcmpps $15, %%ymm1, %%ymm1, %%ymm1\n\t"
                     "vmovdqa %%ymm1, %%ymm0; vmovdqa %%ymm1, %%ymm15"
                     :
                     :
                     : "memory");
    if ((components & avx512) == avx512)
        asm volatile(
            "kxnorw %%k7, %%k7, %%k7; kmovw %%k7, %%k0\n\t"
            "vpternlogd $0xFF, %%zmm0, %%zmm0, %%zmm0\n\t"
            "vmovdqa64 %%zmm0, %%zmm15; vmovdqa64 %%zmm0, %%zmm16; vmovdqa64 %%zmm0, %%zmm31"
            :
            :
            : "memory");
}

void check_sizes(Check& check, u64 components) {
    x86::xsetbv(0, components);
    dirty_extended_state(components);
    auto low = static_cast<u32>(components);
    u32 standard = written_by([&] {
        asm volatile("xsave %0" : "+m"(area) : "a"(low), "d"(0) : "memory");
    });
    bool legacy_only = (components & ~(x87 | sse)) == 0;
    // The header is the last that is sure to be there where nothing follows the legacy region.
    u32 expected = legacy_only ? xsave_header_end : standard;
    check.expect_equal(cpuid(0xD).ebx, expected, "xsave", components);
    check.expect(cpuid(0xD).ebx <= cpuid(0xD).ecx, "largest", components);
    for (u32 component = 2; component < 32; ++component) {
        if ((components >> component & 1) == 0)
            continue;
        auto leaf = cpuid(0xD, component);
        check.expect(leaf.eax != 0 && leaf.ebx >= xsave_header_end &&
                         leaf.eax + leaf.ebx <= cpuid(0xD).ebx,
                     "component", component, leaf.eax);
    }
    // Bochs 2.7 begins the extended region of the compacted format at byte 416, not 576: what
    // guests keep there would be lost.
    check.expect_equal(cpuid(0xD, 1).ebx, 0, "compacted", components);
    check.expect((cpuid(0xD, 1).eax & ~1u) == 0, "variants", components, cpuid(0xD, 1).eax);
}

void check_extended_state() {
    Check check("cpuid-extended-state");
    x86::write_cr4(usual_cr4 | X86_CR4_OSXSAVE);
    u64 shown = cpuid(0xD).eax | u64{cpuid(0xD).edx} << 32;
    check.expect((shown & ~(x87 | sse | avx | avx512)) == 0, "shown", shown);
    for (u64 components : {x87, x87 | sse, x87 | sse | avx, x87 | sse | avx | avx512})
        if ((components & ~shown) == 0)
            check_sizes(check, components);
    u32 sum = xsave_header_end;
    for (u32 component = 2; component < 63; ++component) {
        auto leaf = cpuid(0xD, component);
        check.expect((leaf.eax != 0) == ((shown >> component & 1) != 0), "no-other-component",
                     component, leaf.eax);
        sum = leaf.eax + leaf.ebx > sum ? leaf.eax + leaf.ebx : sum;
    }
    check.expect_equal(cpuid(0xD).ecx, sum, "largest");
}

/// The firmware handles exits of all kinds without touching what it did not save.
void check_extended_registers_survive() {
    Check check("cpuid-extended-registers-survive");
    u64 before[8], after[8];
    for (u64 i = 0; i < 8; ++i)
        before[i] = 0x0123456789ABCDEF * (i + 1);
    asm volatile("vmovdqu64 %0, %%zmm17; vmovdqu64 %0, %%zmm3" : : "m"(before) : "memory");
    for (u32 i = 0; i < 50; ++i) {
        (void)cpuid(i);
        (void)x86::in8(0x80);
        (void)x86::rdmsr(0x1B);
    }
    asm volatile("vmovdqu64 %%zmm17, %0" : "=m"(after) : : "memory");
    check.expect(std::memcmp(before, after, sizeof before) == 0, "zmm17");
    asm volatile("vmovdqu64 %%zmm3, %0" : "=m"(after) : : "memory");
    check.expect(std::memcmp(before, after, sizeof before) == 0, "zmm3");
    x86::xsetbv(0, x87);
    x86::write_cr4(usual_cr4);
}

} // namespace

void attack_cpuid() {
    check_features();
    check_topology();
    check_extended_state();
    if ((x86::cpuid(0xD).eax & avx512) == avx512)
        check_extended_registers_survive();
}

} // namespace cloison::attack
