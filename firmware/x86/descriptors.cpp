// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/descriptors.hpp"

#include "firmware/x86/instructions.hpp"
#include "firmware/x86/log.hpp"

namespace cloison::x86 {

namespace {

constexpr u32 exceptions = 32, vectors = 256;
constexpr u64 code_descriptor = 0x00AF9B000000FFFF;
constexpr u64 data_descriptor = 0x00CF93000000FFFF;

struct [[gnu::packed]] TablePointer {
    u16 limit;
    u64 base;
};

struct Gate {
    u64 low;
    u64 high;
};

alignas(16) constinit Gate idt[vectors]{};

constexpr Gate make_gate(u64 handler) {
    constexpr u64 interrupt_gate = u64{0x8E} << 40;
    return {(handler & 0xFFFF) | u64{code_selector} << 16 | interrupt_gate |
                (handler >> 16 & 0xFFFF) << 48,
            handler >> 32};
}

} // namespace

extern "C" { // exceptions.S
extern const u64 exception_stubs[exceptions];
extern const u64 interrupt_stubs[vectors - exceptions]; // 8 bytes of code each
}

void initialise_idt() {
    for (u32 i = 0; i < exceptions; ++i)
        idt[i] = make_gate(exception_stubs[i]);
    for (u32 i = exceptions; i < vectors; ++i)
        idt[i] = make_gate(reinterpret_cast<u64>(&interrupt_stubs[i - exceptions]));
}

u64 idt_base() {
    return reinterpret_cast<u64>(idt);
}

void Descriptors::load() {
    constexpr u64 available_tss = 0x89;
    u64 base = tss_base();
    tss = {};
    tss.io_map_base = sizeof(Tss);
    gdt[0] = 0;
    gdt[code_selector / 8] = code_descriptor;
    gdt[data_selector / 8] = data_descriptor;
    gdt[tss_selector / 8] = (sizeof(Tss) - 1) | (base & 0xFFFFFF) << 16 | available_tss << 40 |
                            (base >> 24 & 0xFF) << 56;
    gdt[tss_selector / 8 + 1] = base >> 32;

    TablePointer gdt_pointer{sizeof gdt - 1, gdt_base()};
    TablePointer idt_pointer{sizeof idt - 1, idt_base()};
    asm volatile("lgdt %0" : : "m"(gdt_pointer));
    asm volatile("lidt %0" : : "m"(idt_pointer));
    asm volatile("pushq %0\n\t"
                 "leaq 1f(%%rip), %%rax\n\t"
                 "pushq %%rax\n\t"
                 "lretq\n"
                 "1:"
                 :
                 : "i"(code_selector)
                 : "rax", "memory");
    asm volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%ss; mov %1, %%fs; mov %1, %%gs"
                 :
                 : "r"(u32{data_selector}), "r"(0));
    asm volatile("ltr %0" : : "r"(tss_selector));
}

/// What exceptions.S pushes: a fault in the firmware is a defect of the firmware.
struct ExceptionFrame {
    u64 vector, error, rip, cs, rflags, rsp, ss;
};

extern "C" [[noreturn]] void firmware_exception(const ExceptionFrame& frame) {
    {
        LogLine line;
        line << "cloison: exception " << frame.vector << " error " << Hex{frame.error} << " rip "
             << Hex{frame.rip} << " rsp " << Hex{frame.rsp} << " cr2 " << Hex{read_cr2()};
    }
    panic("firmware-exception", frame.vector);
}

} // namespace cloison::x86
