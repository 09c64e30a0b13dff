// SPDX-License-Identifier: Apache-2.0
// A CPU of a test guest: its descriptor tables, and what exceptions and interrupts it got.
#pragma once

#include "firmware/abi/types.hpp"

#include <cstddef>

namespace cloison::guest {

/// Selectors of the GDT. entry.S has the first five too.
namespace selector {
inline constexpr u16 kernel_code = 0x08, kernel_data = 0x10, user_data = 0x18, user_code = 0x20,
                     tss = 0x28, ldt = 0x38;
/// For LAR, LSL, VERR and VERW only: what a segment can be besides.
inline constexpr u16 conforming_code = 0x48, expand_down = 0x50, not_present = 0x58,
                     execute_only = 0x60, call_gate = 0x68, end = 0x78;
inline constexpr u16 user_rpl = 3;
} // namespace selector

namespace vector {
inline constexpr u32 divide = 0, debug = 1, nmi = 2, breakpoint = 3, overflow = 4, undefined = 6,
                     not_available = 7, double_fault = 8, not_present = 11, stack = 12,
                     protection = 13, page_fault = 14, alignment = 17, exceptions = 32,
                     user_return = 0x80, spurious = 0xFF;
} // namespace vector

/// An exception that an instruction was expected to be able to raise (probe.hpp).
struct Fault {
    bool happened;
    u32 number;  // vector
    u64 error;   // error code, 0 where the exception has none
    u64 address; // CR2 as it was then

    [[nodiscard]] bool is(u32 wanted, u64 wanted_error = 0) const {
        return happened && number == wanted && error == wanted_error;
    }
};

/// 64-bit task-state segment (SDM vol. 3A, figure 8-11), with an I/O permission bitmap for all
/// ports.
struct [[gnu::packed]] Tss {
    u32 reserved0;
    u64 rsp[3];
    u64 reserved1;
    u64 ist[7];
    u64 reserved2;
    u16 reserved3;
    u16 io_map_base;
    u8 io_map[65536 / 8 + 1];
};

/// What entry.S pushes.
struct EventFrame {
    u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    u64 number, error, rip, cs, rflags, rsp, ss;
};

struct Cpu {
    Cpu* self;
    // entry.S knows the offsets of these two.
    u64 user_return; // RSP while user code runs
    u64 recover;     // RSP while call_anywhere() runs, or 0
    u32 id;          // 0: the boot CPU
    Fault fault;
    /// Interrupts and NMIs by vector.
    volatile u32 counts[256];
    /// Called for each of those and, if not null, for debug exceptions instead of a fixup.
    void (*on_interrupt)(EventFrame&);
    void (*on_step)(EventFrame&);
    u64 gdt[selector::end / 8];
    Tss tss;
    alignas(16) u8 user_event_stack[8192];
};
static_assert(offsetof(Cpu, user_return) == 8 && offsetof(Cpu, recover) == 16);

extern constinit Cpu cpus[2];

/// Loads descriptor tables, control registers and GS base of CPU `id`, on that CPU.
void initialise_cpu(u32 id);

inline Cpu& this_cpu() {
    Cpu* cpu;
    asm volatile("movq %%gs:0, %0" : "=r"(cpu));
    return *cpu;
}

/// What CR0 and CR4 are while nothing is being tried: PG, WP, NE, ET, MP, PE; OSXMMEXCPT,
/// OSFXSR, PAE.
inline constexpr u64 usual_cr0 = 0x80010033, usual_cr4 = 0x620;

/// The base and limit of the interrupt descriptor table.
u64 idt_base();
inline constexpr u16 idt_limit = 256 * 16 - 1;

extern "C" {
/// Runs `function` at CPL 3, on the boot CPU.
void call_user(void (*function)(), u64 rflags);
/// Calls an address at which there need not be code; returns, too, when an exception comes of it.
void call_anywhere(u64 address);
}

} // namespace cloison::guest
