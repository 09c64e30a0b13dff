// SPDX-License-Identifier: Apache-2.0
// Flags that depend on privilege: what POPF, IRET, CLI and STI change and PUSHF shows.
#include "tests/attack/sensitive/observation.hpp"

#include <asm/processor-flags.h>
#include <initializer_list>

namespace cloison::sensitive {

namespace {

u64 flags() {
    u64 value;
    asm volatile("pushfq; popq %0" : "=r"(value));
    return value;
}

void restore(u64 value) {
    asm volatile("pushq %0; popfq" : : "r"(value) : "cc", "memory");
}

/// Notes what the flags are after an attempt to load `value`, and whether that faulted.
template <typename F>
void observe_load(const char* name, const char* fault_name, u64 value, F&& load) {
    u64 before = flags(), after = 0;
    Fault fault = attempt([&] { after = load(value); });
    restore(before);
    note(name, after, value);
    note(fault_name, fault, value);
}

// RSP is put back in case the instruction did not take its operand off the stack.

u64 load_by_popfq(u64 value) {
    u64 after;
    asm volatile("movq %%rsp, %%rcx\n\t"
                 "pushq %1\n\t" GUEST_TRY("popfq") "pushfq\n\t"
                                                   "popq %0\n\t"
                                                   "movq %%rcx, %%rsp"
                 : "=&r"(after)
                 : "r"(value)
                 : "rcx", "cc", "memory");
    return after;
}

u64 load_by_popfw(u64 value) {
    u64 after;
    asm volatile("movq %%rsp, %%rcx\n\t"
                 "pushw %w1\n\t" GUEST_TRY("popfw") "pushfq\n\t"
                                                    "popq %0\n\t"
                                                    "movq %%rcx, %%rsp"
                 : "=&r"(after)
                 : "r"(value)
                 : "rcx", "cc", "memory");
    return after;
}

/// To the instruction behind it.
u64 load_by_iretq(u64 value) {
    u64 after;
    asm volatile("movq %%rsp, %%rcx\n\t"
                 "movl %%ss, %%eax\n\t"
                 "pushq %%rax\n\t"
                 "pushq %%rcx\n\t"
                 "pushq %1\n\t"
                 "movl %%cs, %%eax\n\t"
                 "pushq %%rax\n\t"
                 "leaq 1f(%%rip), %%rax\n\t"
                 "pushq %%rax\n\t" GUEST_TRY("iretq") "1: movq %%rcx, %%rsp\n\t"
                                                      "pushfq\n\t"
                                                      "popq %0"
                 : "=&r"(after)
                 : "r"(value)
                 : "rax", "rcx", "cc", "memory");
    return after;
}

} // namespace

void observe_flags() {
    note("pushfq", flags());
    constexpr u64 high = u64{1} << 40;
    for (u64 value :
         {u64{0}, u64{X86_EFLAGS_IF}, u64{X86_EFLAGS_IOPL}, u64{X86_EFLAGS_IF} | X86_EFLAGS_IOPL,
          u64{X86_EFLAGS_NT}, u64{X86_EFLAGS_AC}, u64{X86_EFLAGS_ID}, u64{X86_EFLAGS_VIF},
          u64{X86_EFLAGS_VIP}, u64{X86_EFLAGS_RF}, u64{X86_EFLAGS_VM}, u64{X86_EFLAGS_DF},
          u64{X86_EFLAGS_OF} | X86_EFLAGS_SF | X86_EFLAGS_CF, u64{0x802A}, high}) {
        observe_load("popfq", "popfq-fault", value, load_by_popfq);
        observe_load("popfw", "popfw-fault", value, load_by_popfw);
        observe_load("iretq", "iretq-fault", value, load_by_iretq);
    }
    u64 before = flags();
    note("cli-fault", attempt([] { asm volatile(GUEST_TRY("cli") : : : "memory"); }));
    note("cli", flags());
    note("sti-fault", attempt([] { asm volatile(GUEST_TRY("sti") : : : "memory"); }));
    note("sti", flags());
    restore(before);
    u64 high_byte = 0;
    asm volatile("movb $0xD7, %%ah; sahf; lahf; movzbl %%ah, %%eax" : "=a"(high_byte) : : "cc");
    note("lahf", high_byte);
}

} // namespace cloison::sensitive
