// SPDX-License-Identifier: Apache-2.0
// Exceptions that the firmware raises in a guest, those that it takes from it, and events whose
// delivery an exit has cut short.
#include "firmware/core/cpu/exceptions.hpp"
#include "firmware/vtx/vcpu.hpp"
#include "firmware/x86/log.hpp"

extern "C" void allow_nmi();

namespace cloison::vtx {

namespace exception = core::exception;

void Vcpu::raise(u32 vector) {
    raise_fault(event::hardware_exception | vector);
}

void Vcpu::raise(u32 vector, u32 error_code) {
    vmwrite(Field::entry_exception_error, error_code);
    raise_fault(event::hardware_exception | event::deliver_error_code | vector);
}

/// Injects the exception, or what it has become if it came in the delivery of another.
void Vcpu::raise_fault(u32 info) {
    u32 first = vmread32(Field::idt_vectoring_info);
    bool in_delivery =
        (first & event::valid) != 0 && (first & event::type_mask) == event::hardware_exception;
    switch (in_delivery ? core::escalate(first & 0xFF, info & 0xFF) : core::Escalation::none) {
    case core::Escalation::none:
        inject(info);
        break;
    case core::Escalation::double_fault:
        vmwrite(Field::entry_exception_error, 0);
        inject(event::hardware_exception | event::deliver_error_code | exception::double_fault);
        break;
    case core::Escalation::shutdown:
        guest_.partition.stop(core::StopReason::triple_fault);
        break;
    }
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

void Vcpu::handle_exception(u32 info) {
    u32 vector = info & 0xFF;
    if ((info & event::type_mask) == event::nmi) {
        allow_nmi(); // another CPU left an event; run() looks
        return;
    }
    if (vector == exception::machine_check) {
        guest_.partition.stop(core::StopReason::machine_check);
        return;
    }
    x86::panic("unexpected-exception-exit", info);
}

} // namespace cloison::vtx
