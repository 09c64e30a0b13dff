// SPDX-License-Identifier: Apache-2.0
// What user mode may not do, or only where IOPL, the I/O permission bitmap or CR4 allow it.
#include "tests/attack/sensitive/observation.hpp"

namespace cloison::sensitive {

namespace {

u8 byte;

#define NOTE_FAULT(name, text)                                                                     \
    note(name, attempt([] {                                                                        \
             u64 a = 0, b = 0, c = 0, d = 0x80;                                                    \
             u8 *source = &byte, *destination = &byte;                                             \
             asm volatile(GUEST_TRY(text)                                                          \
                          : "+a"(a), "+b"(b), "+c"(c), "+d"(d), "+S"(source), "+D"(destination)    \
                          :                                                                        \
                          : "memory", "cc");                                                       \
         }))

void observe_system_instructions() {
    NOTE_FAULT("hlt", "hlt");
    NOTE_FAULT("invd", "invd");
    NOTE_FAULT("wbinvd", "wbinvd");
    NOTE_FAULT("invlpg", "invlpg (%%rdi)");
    NOTE_FAULT("clts", "clts");
    NOTE_FAULT("lmsw", "lmsw %%ax");
    NOTE_FAULT("lgdt", "lgdt (%%rdi)");
    NOTE_FAULT("lidt", "lidt (%%rdi)");
    NOTE_FAULT("lldt", "lldt %%ax");
    NOTE_FAULT("ltr", "ltr %%ax");
    NOTE_FAULT("mov-from-cr0", "movq %%cr0, %%rbx");
    NOTE_FAULT("mov-to-cr0", "movq %%rax, %%cr0");
    NOTE_FAULT("mov-from-cr3", "movq %%cr3, %%rbx");
    NOTE_FAULT("mov-to-cr3", "movq %%rax, %%cr3");
    NOTE_FAULT("mov-from-cr4", "movq %%cr4, %%rbx");
    NOTE_FAULT("mov-to-cr4", "movq %%rax, %%cr4");
    NOTE_FAULT("mov-from-cr8", "movq %%cr8, %%rbx");
    NOTE_FAULT("mov-to-cr8", "movq %%rax, %%cr8");
    NOTE_FAULT("mov-from-dr7", "movq %%dr7, %%rbx");
    NOTE_FAULT("mov-to-dr7", "movq %%rax, %%dr7");
    NOTE_FAULT("rdmsr", "rdmsr");
    NOTE_FAULT("wrmsr", "wrmsr");
    NOTE_FAULT("swapgs", "swapgs");
    NOTE_FAULT("sysret", "sysretq");
    NOTE_FAULT("sysexit", "sysexitq");
    NOTE_FAULT("xsetbv", "xsetbv");
    NOTE_FAULT("int-kernel-gate", "int $0x81");
    NOTE_FAULT("rdtsc", "rdtsc");
    NOTE_FAULT("rdtscp", "rdtscp");
}

/// Port 80H is open in the I/O permission bitmap, 81H is not.
void observe_ports() {
    NOTE_FAULT("in", "inb $0x80, %%al");
    NOTE_FAULT("in-dx", "inb %%dx, %%al");
    NOTE_FAULT("in-closed", "inb $0x81, %%al");
    NOTE_FAULT("in-half-open", "inw $0x80, %%ax");
    NOTE_FAULT("out", "outb %%al, $0x80");
    NOTE_FAULT("out-closed", "outb %%al, $0x81");
    NOTE_FAULT("ins", "insb");
    NOTE_FAULT("outs", "outsb");
    note("in-last", attempt([] {
             u32 value = 0;
             asm volatile(GUEST_TRY("inb %%dx, %%al") : "+a"(value) : "d"(0xFFFF) : "memory");
         }));
}

} // namespace

void observe_privileged() {
    observe_system_instructions();
    observe_ports();
}

} // namespace cloison::sensitive
