// SPDX-License-Identifier: Apache-2.0
// Exceptions: which one, its error code, and CR2.
#include "tests/attack/sensitive/observation.hpp"

#include "tests/guest/paging.hpp"

#include <initializer_list>

namespace cloison::sensitive {

namespace {

void note_page_fault(const char* name, const Fault& fault) {
    note(name, fault);
    note("cr2", fault.address);
}

void observe_simple() {
    note("ud2", attempt([] { asm volatile(GUEST_TRY("ud2") : : : "memory"); }));
    note("int3", attempt([] { asm volatile(GUEST_TRY("int3") : : : "memory"); }));
    note("int1", attempt([] { asm volatile(GUEST_TRY(".byte 0xF1") : : : "memory"); }));
    note("into", attempt([] { asm volatile(GUEST_TRY(".byte 0xCE") : : : "memory"); }));
    note("div", attempt([] {
             asm volatile(GUEST_TRY("divl %%ecx") : : "a"(1), "c"(0), "d"(0) : "cc", "memory");
         }));
    note("lock", attempt([] {
             asm volatile(GUEST_TRY(".byte 0xF0, 0xFF, 0xC0") : : : "cc", "memory");
         }));
    note("cpuid", attempt([] {
             u32 eax = 0, ecx = 0;
             asm volatile(GUEST_TRY("cpuid") : "+a"(eax), "+c"(ecx) : : "ebx", "edx", "memory");
         }));
}

void observe_memory() {
    constexpr u64 not_canonical = 0x8000000000000000;
    auto at = [](u64 address) { return reinterpret_cast<volatile void*>(address); };
    note_page_fault("read-unmapped", try_load<u64>(at(unmapped_address)).fault);
    note_page_fault("write-unmapped", try_store<u64>(at(unmapped_address + 8), 0));
    note_page_fault("read-crossing", try_load<u64>(at(unmapped_address - 4)).fault);
    note("fetch-unmapped", attempt([] { call_anywhere(unmapped_address); }));
    note("read-not-canonical", try_load<u64>(at(not_canonical)).fault);
    note("write-not-canonical", try_store<u64>(at(not_canonical), 0));
    note("stack-not-canonical", attempt([] {
             asm volatile("xchgq %%rbp, %0\n\t" GUEST_TRY("movq (%%rbp), %%rax") "xchgq %%rbp, %0"
                          :
                          : "r"(not_canonical)
                          : "rax", "memory");
         }));
    note("stos-without-count", attempt([] {
             u64 count = 0;
             u64 to = unmapped_address;
             asm volatile(GUEST_TRY("rep stosb") : "+D"(to), "+c"(count) : "a"(0) : "memory");
         }));
}

/// Loads of segment registers: null, out of the table, not present, of the wrong kind or privilege.
void observe_segment_loads() {
    for (u32 s : {u32{selector::kernel_data}, u32{selector::user_data} | 3,
                  u32{selector::kernel_code}, u32{selector::user_code} | 3,
                  u32{selector::not_present} | 3, u32{selector::execute_only} | 3,
                  u32{selector::call_gate}, u32{selector::end} + 8, u32{selector::expand_down} | 3,
                  u32{selector::conforming_code} | 3, 0x4u, 0xCu, 0x1Cu, 0u, 3u}) {
        note("mov-ds", attempt([&] {
                 asm volatile(GUEST_TRY("movl %0, %%ds") : : "r"(s) : "memory");
             }),
             s);
        note("mov-fs", attempt([&] {
                 asm volatile(GUEST_TRY("movl %0, %%fs") : : "r"(s) : "memory");
             }),
             s);
    }
    asm volatile("movl %0, %%ds; movl %1, %%fs"
                 :
                 : "r"(u32{selector::user_data} | 3), "r"(0)
                 : "memory");
}

} // namespace

void observe_faults() {
    observe_simple();
    observe_memory();
    observe_segment_loads();
}

} // namespace cloison::sensitive
