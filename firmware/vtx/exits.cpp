// SPDX-License-Identifier: Apache-2.0
// What a VM exit leads to (SDM vol. 3C, chapter 28 and appendix C).
#include "firmware/core/cpu/exceptions.hpp"
#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/vtx/console_input.hpp"
#include "firmware/vtx/server.hpp"
#include "firmware/vtx/vcpu.hpp"
#include "firmware/x86/log.hpp"

#include <asm/processor-flags.h>
#include <asm/vmx.h>

namespace cloison::vtx {

namespace exception = core::exception;

namespace {

constexpr u32 entry_failure = 1u << 31;

/// The operand of WRMSR and XSETBV.
u64 edx_eax(const core::Registers& registers) {
    return registers.gpr[core::rdx] << 32 | static_cast<u32>(registers.gpr[core::rax]);
}

} // namespace

void Vcpu::handle_exit(u32 reason) {
    u32 basic = reason & 0xFFFF;
    ++exit_counts_[basic < exit_reasons ? basic : exit_reasons - 1];
    if ((reason & entry_failure) != 0) {
        entry_failed(reason);
        return;
    }
    switch (basic) {
    case EXIT_REASON_CPUID:
        handle_cpuid();
        break;
    case EXIT_REASON_IO_INSTRUCTION:
        handle_io(vmread(Field::exit_qualification));
        break;
    case EXIT_REASON_MSR_READ:
        handle_rdmsr();
        break;
    case EXIT_REASON_MSR_WRITE:
        handle_wrmsr();
        break;
    case EXIT_REASON_EXTERNAL_INTERRUPT:
        handle_interrupt(static_cast<u8>(vmread32(Field::exit_interruption_info)));
        break;
    case EXIT_REASON_PREEMPTION_TIMER:
        break; // run() serves timers
    case EXIT_REASON_INTERRUPT_WINDOW:
    case EXIT_REASON_NMI_WINDOW:
        look_at_interrupts_ = true;
        break;
    case EXIT_REASON_HLT:
        handle_halt();
        break;
    case EXIT_REASON_EPT_VIOLATION:
        handle_ept_violation(vmread(Field::exit_qualification));
        break;
    case EXIT_REASON_APIC_ACCESS:
        handle_apic_access(vmread(Field::exit_qualification));
        break;
    case EXIT_REASON_APIC_WRITE: { // the page holds the value; the instruction is done
        u32 offset = vmread32(Field::exit_qualification) & 0xFF0;
        write_apic(offset / 16, apic.page()[offset / 4]);
        break;
    }
    case EXIT_REASON_EOI_INDUCED:
        guest_.partition.end_of_interrupt(*this,
                                          static_cast<u8>(vmread(Field::exit_qualification)));
        break;
    case EXIT_REASON_CR_ACCESS:
        handle_cr_access(vmread(Field::exit_qualification));
        break;
    case EXIT_REASON_XSETBV:
        handle_xsetbv();
        break;
    case EXIT_REASON_EXCEPTION_NMI:
        reinject();
        handle_exception(vmread32(Field::exit_interruption_info));
        break;
    case EXIT_REASON_TRIPLE_FAULT:
        guest_.partition.stop(core::StopReason::triple_fault);
        break;
    case EXIT_REASON_INVD:   // as WBINVD: a guest must not throw away what other CPUs wrote
    case EXIT_REASON_WBINVD: // memory is coherent and no device of the guest's bypasses the caches
        advance();
        break;
    case EXIT_REASON_RDPMC: // no counters: any number is out of range
        raise(exception::protection, 0);
        break;
    case EXIT_REASON_TASK_SWITCH:
        guest_.warn(refused::task_switch, "hardware task switch at", vmread(Field::guest_rip));
        raise(exception::protection, 0);
        break;
    default: // VMX instructions, MONITOR, MWAIT, VMCALL...: not there, says this CPU's CPUID
        guest_.warn(refused::instruction, "instruction at", vmread(Field::guest_rip));
        raise(exception::undefined);
        break;
    }
}

/// The instruction that exited is done: past it.
void Vcpu::advance() {
    vmwrite(Field::guest_rip, vmread(Field::guest_rip) + vmread(Field::exit_instruction_length));
    finish_instruction();
}

/// What the CPU does at the end of an instruction: out of the shadow of STI or MOV SS, and a trap
/// where the guest steps by single instructions.
void Vcpu::finish_instruction() {
    u64 state = vmread(Field::guest_interruptibility);
    if ((state & (blocking::by_sti | blocking::by_mov_ss)) != 0)
        vmwrite(Field::guest_interruptibility,
                state & ~u64{blocking::by_sti | blocking::by_mov_ss});
    if ((vmread(Field::guest_rflags) & X86_EFLAGS_TF) != 0)
        vmwrite(Field::guest_pending_debug,
                vmread(Field::guest_pending_debug) | pending_single_step);
}

/// The firmware sleeps in the guest's stead where it can wake by a timer of its own; then the
/// wake-up is no exit. Else the guest does: HLT exits all the same, because Bochs 2.7 lets a guest
/// sleep although a virtual interrupt is pending, if that came before the HLT (STI; HLT). Hardware
/// wakes at once; prepare_interrupts() does here.
void Vcpu::handle_halt() {
    advance();
    halted_since_ = x86::rdtsc();
    if (capabilities_.tsc_deadline)
        halted_ = true;
    else
        vmwrite(Field::guest_activity, static_cast<u32>(Activity::hlt));
    look_at_interrupts_ = true;
}

void Vcpu::handle_cpuid() {
    u64* r = registers_.gpr;
    auto values = cpuid_.lookup(static_cast<u32>(r[core::rax]), static_cast<u32>(r[core::rcx]),
                                {vmread(Field::guest_cr4), xcr0_});
    r[core::rax] = values.eax;
    r[core::rbx] = values.ebx;
    r[core::rcx] = values.ecx;
    r[core::rdx] = values.edx;
    advance();
}

void Vcpu::handle_rdmsr() {
    auto index = static_cast<u32>(registers_.gpr[core::rcx]);
    auto value = core::read_msr(msrs, apic, index, x86::rdtsc());
    if (!value) {
        guest_.warn(refused::msr_read, "read of MSR", index);
        raise(exception::protection, 0);
        return;
    }
    registers_.gpr[core::rax] = static_cast<u32>(*value);
    registers_.gpr[core::rdx] = *value >> 32;
    advance();
}

void Vcpu::handle_wrmsr() {
    namespace msr = core::msr;
    auto index = static_cast<u32>(registers_.gpr[core::rcx]);
    u64 value = edx_eax(registers_);
    bool done;
    if (index >= msr::x2apic_base && index <= msr::x2apic_last) {
        done = apic.x2apic() && write_apic(index - msr::x2apic_base, value);
    } else {
        u64 offset = msrs.tsc_offset;
        done = core::write_msr(msrs, apic, index, value, x86::rdtsc());
        if (done && index == msr::apic_base)
            update_apic_mode();
        if (msrs.tsc_offset != offset)
            vmwrite(Field::tsc_offset, msrs.tsc_offset);
    }
    if (!done) {
        guest_.warn(refused::msr_write, "write of MSR", index);
        raise(exception::protection, 0);
        return;
    }
    advance();
}

/// A write to a local APIC register, however it came. False: no such register, or not so.
bool Vcpu::write_apic(u32 reg, u64 value) {
    auto effect = apic.write(reg, value, x86::rdtsc());
    look_at_interrupts_ = true;
    if (!effect)
        return false;
    switch (effect->kind) {
    case core::ApicEffect::Kind::none:
        break;
    case core::ApicEffect::Kind::ipi:
        guest_.partition.send_ipi(*this, effect->icr);
        break;
    case core::ApicEffect::Kind::end_of_interrupt:
        guest_.partition.end_of_interrupt(*this, effect->vector);
        break;
    }
    return true;
}

void Vcpu::handle_xsetbv() {
    auto index = static_cast<u32>(registers_.gpr[core::rcx]);
    u64 value = edx_eax(registers_);
    if (index != 0 || !cpuid_.valid_xcr0(value)) {
        raise(exception::protection, 0);
        return;
    }
    // The firmware uses no extended state, so the guest's stays in the registers.
    xcr0_ = value;
    x86::xsetbv(0, value);
    advance();
}

/// The interrupt was acknowledged, by the exit or by the firmware's wait. x86::timer_vector
/// says nothing at all.
void Vcpu::handle_interrupt(u8 vector) {
    u32 pin = vector - u32{owned_vector};
    if (pin < guest_map::ioapic_pins) // masks a level before its end, or it would come again
        guest_.partition.host_interrupt(*this, pin);
    x86::apic.end_of_interrupt();
    if (vector == serial_vector)
        console_input.receive(*this);
}

void Vcpu::entry_failed(u32 detail) {
    {
        x86::LogLine line;
        line << "cloison: " << guest_.record.name << ": VM entry of CPU " << apic.id()
             << " failed: " << x86::Hex{detail} << " qualification "
             << x86::Hex{vmread(Field::exit_qualification)} << " rip "
             << x86::Hex{vmread(Field::guest_rip)};
    }
    guest_.partition.stop(core::StopReason::vm_entry_failure);
}

} // namespace cloison::vtx
