// SPDX-License-Identifier: Apache-2.0
// What a VM exit leads to (SDM vol. 3C, chapter 28 and appendix C).
#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/vtx/console_input.hpp"
#include "firmware/vtx/vcpu.hpp"
#include "firmware/x86/log.hpp"

#include <asm/vmx.h>

extern "C" void allow_nmi();

namespace cloison::vtx {

namespace {

constexpr u32 exception_debug = 1, exception_undefined = 6, exception_protection = 13, exception_machine_check = 18;
constexpr u32 entry_failure = 1u << 31;

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
        handle_interrupt();
        break;
    case EXIT_REASON_PREEMPTION_TIMER:
        break; // run() serves timers
    case EXIT_REASON_INTERRUPT_WINDOW:
    case EXIT_REASON_NMI_WINDOW:
        look_at_interrupts_ = true;
        break;
    case EXIT_REASON_EPT_VIOLATION:
        reinject();
        emulate_memory_access(vmread(Field::guest_physical_address));
        break;
    case EXIT_REASON_APIC_ACCESS:
        reinject();
        emulate_memory_access(guest_map::local_apic + (vmread(Field::exit_qualification) & 0xFFF));
        break;
    case EXIT_REASON_APIC_WRITE: { // the page holds the value; the instruction is done
        u32 offset = vmread32(Field::exit_qualification) & 0xFF0;
        write_apic(offset / 16, apic.page()[offset / 4]);
        break;
    }
    case EXIT_REASON_EOI_INDUCED:
        guest_.partition.end_of_interrupt(*this, static_cast<u8>(vmread(Field::exit_qualification)));
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
    case EXIT_REASON_INVD: // as WBINVD: a guest must not throw away what other CPUs wrote
    case EXIT_REASON_WBINVD: // memory is coherent and no device of the guest's bypasses the caches
        advance();
        break;
    case EXIT_REASON_RDPMC: // no counters: any number is out of range
        raise(exception_protection, 0);
        break;
    case EXIT_REASON_TASK_SWITCH:
        guest_.warn(refused::task_switch, "hardware task switch at", vmread(Field::guest_rip));
        raise(exception_protection, 0);
        break;
    default: // VMX instructions, MONITOR, MWAIT, VMCALL...: not there, says this CPU's CPUID
        guest_.warn(refused::instruction, "instruction at", vmread(Field::guest_rip));
        raise(exception_undefined);
        break;
    }
}

/// The instruction that exited is done: past it, and out of the shadow of STI or MOV SS.
void Vcpu::advance() {
    vmwrite(Field::guest_rip, vmread(Field::guest_rip) + vmread(Field::exit_instruction_length));
    u64 state = vmread(Field::guest_interruptibility);
    if ((state & (blocking::by_sti | blocking::by_mov_ss)) != 0)
        vmwrite(Field::guest_interruptibility, state & ~u64{blocking::by_sti | blocking::by_mov_ss});
}

void Vcpu::raise(u32 vector) {
    inject(event::hardware_exception | vector);
}

void Vcpu::raise(u32 vector, u32 error_code) {
    vmwrite(Field::entry_exception_error, error_code);
    inject(event::hardware_exception | event::deliver_error_code | vector);
}

/// An exit in the middle of an event's delivery must not lose the event (SDM vol. 3C, 28.2.4).
void Vcpu::reinject() {
    u32 info = vmread32(Field::idt_vectoring_info);
    if ((info & event::valid) == 0)
        return;
    constexpr u32 undefined_bit = 1 << 12;
    u32 type = info & event::type_mask;
    if ((info & event::deliver_error_code) != 0)
        vmwrite(Field::entry_exception_error, vmread(Field::idt_vectoring_error));
    if (type >= event::software_interrupt)
        vmwrite(Field::entry_instruction_length, vmread(Field::exit_instruction_length));
    vmwrite(Field::entry_interruption_info, info & ~undefined_bit);
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
        raise(exception_protection, 0);
        return;
    }
    registers_.gpr[core::rax] = static_cast<u32>(*value);
    registers_.gpr[core::rdx] = *value >> 32;
    advance();
}

void Vcpu::handle_wrmsr() {
    namespace msr = core::msr;
    auto index = static_cast<u32>(registers_.gpr[core::rcx]);
    u64 value = registers_.gpr[core::rdx] << 32 | static_cast<u32>(registers_.gpr[core::rax]);
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
        raise(exception_protection, 0);
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
    u64 value = registers_.gpr[core::rdx] << 32 | static_cast<u32>(registers_.gpr[core::rax]);
    if (index != 0 || !cpuid_.valid_xcr0(value)) {
        raise(exception_protection, 0);
        return;
    }
    // The firmware uses no extended state, so the guest's stays in the registers.
    xcr0_ = value;
    x86::xsetbv(0, value);
    advance();
}

/// The interrupt was acknowledged by the exit. x86::kick_vector only says "look at your events".
void Vcpu::handle_interrupt() {
    auto vector = static_cast<u8>(vmread32(Field::exit_interruption_info));
    x86::apic.end_of_interrupt();
    if (vector == serial_vector)
        console_input.receive(*this);
}

void Vcpu::handle_exception(u32 info) {
    u32 vector = info & 0xFF;
    if ((info & event::type_mask) == event::nmi) {
        allow_nmi(); // another CPU left an event; run() looks
        return;
    }
    if (vector == exception_machine_check) {
        guest_.partition.stop(core::StopReason::machine_check);
        return;
    }
    x86::panic("unexpected-exception-exit", info);
}

void Vcpu::entry_failed(u32 detail) {
    {
        x86::LogLine line;
        line << "cloison: " << guest_.record.name << ": VM entry of CPU " << apic.id() << " failed: " << x86::Hex{detail}
             << " qualification " << x86::Hex{vmread(Field::exit_qualification)} << " rip "
             << x86::Hex{vmread(Field::guest_rip)};
    }
    guest_.partition.stop(core::StopReason::vm_entry_failure);
}

} // namespace cloison::vtx
