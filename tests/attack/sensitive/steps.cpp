// SPDX-License-Identifier: Apache-2.0
// Where traps and interrupts come relative to instructions that a virtual machine monitor carries
// out: a single step after each one, an interrupt not before STI's or MOV SS's successor.
#include "tests/attack/sensitive/observation.hpp"

#include "firmware/x86/instructions.hpp"
#include "tests/guest/apic.hpp"
#include "tests/guest/guest.hpp"

extern "C" {
extern const cloison::u8 stepped_code[];
void run_stepped(void* buffer);
extern const cloison::u8 window_sti[], window_sti_cpuid[], window_popf[], window_mov_ss[],
    window_hlt[], window_cr8[], window_sti_cli[];
}

namespace cloison::sensitive {

namespace {

constexpr u32 window_vector = 0x45;

void note_step(EventFrame& frame) {
    u64 dr6;
    asm volatile("mov %%dr6, %0" : "=r"(dr6));
    asm volatile("mov %0, %%dr6" : : "r"(u64{0xFFFF0FF0}));
    note("step", frame.rip - reinterpret_cast<u64>(stepped_code));
    note("step-dr6", dr6);
}

const u8* window_start;

void note_interrupt(EventFrame& frame) {
    note("interrupt", frame.rip - reinterpret_cast<u64>(window_start), frame.number);
}

/// Calls `code`, which enables interrupts, with one pending. `priority` is the task's (CR8), set
/// before: an interrupt that is held back later may be a spurious one (SDM vol. 3A, 11.9).
void observe_window(const char* name, const u8* code, u64 priority = 0) {
    window_start = code;
    asm volatile("cli; mov %0, %%cr8" : : "r"(priority) : "memory");
    apic.send(0, icr::self | icr::mode(Delivery::fixed) | icr::assert_level | window_vector);
    wait_ticks(20'000); // on any machine long enough for it to arrive
    note(name, 0);
    asm volatile("call *%0" : : "r"(code) : "rax", "rbx", "rcx", "rdx", "memory", "cc");
    // One that is pending yet must not reach the next observation.
    asm volatile("sti; nop; nop; cli" : : : "memory");
}

} // namespace

void observe_single_steps() {
    u8 buffer[16];
    this_cpu().on_step = note_step;
    run_stepped(buffer);
    this_cpu().on_step = nullptr;
    note("steps-done", 1);
}

void observe_interrupt_windows() {
    this_cpu().on_interrupt = note_interrupt;
    observe_window("window-sti", window_sti);
    observe_window("window-sti-cpuid", window_sti_cpuid);
    observe_window("window-popf", window_popf);
    observe_window("window-mov-ss", window_mov_ss);
    observe_window("window-hlt", window_hlt);
    observe_window("window-cr8", window_cr8, 15);
    observe_window("window-sti-cli", window_sti_cli);
    this_cpu().on_interrupt = nullptr;
}

} // namespace cloison::sensitive
