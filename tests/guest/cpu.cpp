// SPDX-License-Identifier: Apache-2.0
#include "tests/guest/cpu.hpp"

#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/x86/instructions.hpp"

extern "C" const cloison::u8 event_stubs[];

namespace cloison::guest {

constinit Cpu cpus[2]{};

namespace {

struct Gate {
    u64 low, high;
};
alignas(16) Gate idt[256];

struct [[gnu::packed]] TablePointer {
    u16 limit;
    u64 base;
};

void fill_idt() {
    constexpr u64 interrupt_gate = u64{0x8E} << 40, user_gate = u64{0xEE} << 40;
    constexpr u64 stub_size = 16;
    for (u32 i = 0; i < 256; ++i) {
        u64 handler = reinterpret_cast<u64>(event_stubs) + i * stub_size;
        u64 kind = i == vector::user_return || i == vector::breakpoint ? user_gate : interrupt_gate;
        idt[i] = {(handler & 0xFFFF) | u64{selector::kernel_code} << 16 | kind |
                      (handler >> 16 & 0xFFFF) << 48,
                  handler >> 32};
    }
}

/// The two words of a system segment's descriptor (SDM vol. 3A, 8.2.3).
void set_system_segment(u64* words, u64 base, u64 limit, u64 type) {
    words[0] = (limit & 0xFFFF) | (base & 0xFFFFFF) << 16 | (0x80 | type) << 40 |
               (base >> 24 & 0xFF) << 56;
    words[1] = base >> 32;
}

void fill_gdt(Cpu& cpu) {
    auto at = [&](u16 s) -> u64& { return cpu.gdt[s / 8]; };
    at(selector::kernel_code) = 0x00AF9B000000FFFF;
    at(selector::kernel_data) = 0x00CF93000000FFFF;
    at(selector::user_data) = 0x00CFF3000000FFFF;
    at(selector::user_code) = 0x00AFFB000000FFFF;
    at(selector::conforming_code) = 0x00CF9F0000001234;
    at(selector::expand_down) = 0x0040F70000000FFF;
    at(selector::not_present) = 0x00CF13000000FFFF;
    at(selector::execute_only) = 0x00AFF9000000FFFF;
    set_system_segment(&at(selector::tss), reinterpret_cast<u64>(&cpu.tss), sizeof(Tss) - 1, 9);
    set_system_segment(&at(selector::ldt), reinterpret_cast<u64>(cpu.gdt), 15, 2);
    at(selector::call_gate) = u64{selector::kernel_code} << 16 | u64{0xEC} << 40;
    at(selector::call_gate + 8) = 0;
}

void load_tables(Cpu& cpu) {
    TablePointer gdt_pointer{sizeof cpu.gdt - 1, reinterpret_cast<u64>(cpu.gdt)};
    TablePointer idt_pointer{idt_limit, idt_base()};
    asm volatile("lgdt %0; lidt %1" : : "m"(gdt_pointer), "m"(idt_pointer));
    asm volatile("pushq %0\n\t"
                 "leaq 1f(%%rip), %%rax\n\t"
                 "pushq %%rax\n\t"
                 "lretq\n"
                 "1:"
                 :
                 : "i"(selector::kernel_code)
                 : "rax", "memory");
    asm volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%ss; mov %1, %%fs; mov %1, %%gs"
                 :
                 : "r"(u32{selector::kernel_data}), "r"(0));
    asm volatile("ltr %w0; lldt %w1" : : "r"(selector::tss), "r"(selector::ldt));
}

} // namespace

u64 idt_base() {
    return reinterpret_cast<u64>(idt);
}

void initialise_cpu(u32 id) {
    Cpu& cpu = cpus[id];
    cpu.self = &cpu;
    cpu.id = id;
    cpu.tss.io_map_base = offsetof(Tss, io_map);
    for (u8& byte : cpu.tss.io_map)
        byte = 0xFF; // no port for user mode
    cpu.tss.rsp[0] = reinterpret_cast<u64>(cpu.user_event_stack + sizeof cpu.user_event_stack);
    if (id == 0)
        fill_idt();
    fill_gdt(cpu);
    x86::wrmsr(core::msr::efer,
               core::msr::efer_lme | core::msr::efer_lma); // a loader may have left more
    x86::write_cr0(usual_cr0);
    x86::write_cr4(usual_cr4);
    load_tables(cpu);
    x86::wrmsr(core::msr::gs_base, reinterpret_cast<u64>(&cpu));
}

} // namespace cloison::guest
