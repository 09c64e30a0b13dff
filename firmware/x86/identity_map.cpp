// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/identity_map.hpp"

#include "firmware/x86/instructions.hpp"

extern "C" cloison::u64 boot_pdpt[512];

namespace cloison::x86 {

namespace {
constinit u64 end = 4 * gib;
}

void map_all_memory() {
    constexpr u32 gib_pages = 1 << 26; // CPUID 80000001H, EDX
    constexpr u64 present_writable_large = 0x83;
    if (cpuid(0x80000000).eax < 0x80000001 || (cpuid(0x80000001).edx & gib_pages) == 0)
        return;
    for (u64 i = 4; i < 512; ++i)
        boot_pdpt[i] = i * gib | present_writable_large;
    end = 512 * gib;
}

u64 mapped_end() {
    return end;
}

} // namespace cloison::x86
