// SPDX-License-Identifier: Apache-2.0
// Accesses to guest-physical addresses without memory: a device's registers, or nothing, which
// reads as all-ones and swallows writes.
#include "firmware/core/cpu/exceptions.hpp"
#include "firmware/core/decode/decoder.hpp"
#include "firmware/core/decode/execute.hpp"
#include "firmware/core/decode/walk.hpp"
#include "firmware/vtx/vcpu.hpp"

namespace cloison::vtx {

namespace exception = core::exception;

u64 Vcpu::device_read(u64 address, u32 size) {
    if (address - guest_map::local_apic < page_size && apic.enabled() && !apic.x2apic()) {
        u64 offset = address - guest_map::local_apic;
        u64 value = apic.read(static_cast<u32>(offset / 16), x86::rdtsc()).value_or(0);
        return offset % 16 < 4 ? value >> (8 * (offset % 4)) : 0;
    }
    if (guest_.partition.claims(address))
        return guest_.partition.mmio_read(*this, address, size);
    guest_.warn(refused::memory, "access to unassigned memory", address);
    return ~u64{0};
}

void Vcpu::device_write(u64 address, u32 size, u64 value) {
    if (address - guest_map::local_apic < page_size && apic.enabled() && !apic.x2apic()) {
        if (address % 16 == 0 && size >= 4)
            write_apic(static_cast<u32>((address - guest_map::local_apic) / 16),
                       static_cast<u32>(value));
    } else if (guest_.partition.claims(address)) {
        guest_.partition.mmio_write(*this, address, size, value);
    } else {
        guest_.warn(refused::memory, "access to unassigned memory", address);
    }
}

void Vcpu::handle_ept_violation(u64 qualification) {
    // Exit qualification for EPT violations: SDM vol. 3C, table 28-7.
    constexpr u64 linear_valid = 1 << 7, translated = 1 << 8;
    bool in_page_tables = (qualification & linear_valid) != 0 && (qualification & translated) == 0;
    if ((vmread32(Field::idt_vectoring_info) & event::valid) != 0)
        fail_delivery();
    else if (in_page_tables)
        fail_translation(vmread(Field::guest_linear_address));
    else
        handle_memory_access(vmread(Field::guest_physical_address));
}

void Vcpu::handle_apic_access(u64 qualification) {
    if ((vmread32(Field::idt_vectoring_info) & event::valid) != 0)
        fail_delivery();
    else
        handle_memory_access(guest_map::local_apic +
                             (qualification & 0xFFF)); // SDM vol. 3C, table 28-6
}

/// An event cannot be delivered, since its handler, stack or descriptors are not in memory. A guest
/// in which nothing can be delivered ends by a triple fault.
void Vcpu::fail_delivery() {
    guest_.warn(refused::memory, "delivery of an event at", vmread(Field::guest_rip));
    raise(exception::protection, 0);
}

/// A page table on the way to `linear` is where there is no memory: it reads as all-ones, and has
/// reserved bits set therefore. The exit does not say what kind of access it was.
void Vcpu::fail_translation(u64 linear) {
    auto decoded = decode_instruction();
    bool write = decoded.ok() && decoded.instruction.writes_memory();
    auto kind = decoded.error == core::DecodeError::truncated ? core::AccessKind::fetch
                : write                                       ? core::AccessKind::write
                                                              : core::AccessKind::read;
    raise_access_fault(core::walk(guest_, paging_state(), linear, kind), linear);
}

/// An instruction's access to guest-physical `address`, where there is no memory.
void Vcpu::handle_memory_access(u64 address) {
    if (auto decoded = decode_instruction(); decoded.ok()) {
        emulate_memory_access(decoded.instruction, address);
        return;
    }
    // Code where there is no memory, or an instruction that nobody uses on a device.
    guest_.warn(refused::memory, "instruction's access to unassigned memory", address);
    raise(exception::protection, 0);
}

void Vcpu::emulate_memory_access(const core::Instruction& instruction, u64 address) {
    core::Registers after = registers_;
    bool done = instruction.is_string() ? execute_string(instruction, after)
                                        : execute_memory(instruction, after, address);
    if (!done)
        return; // a fault is on its way
    registers_ = after;
    vmwrite(Field::guest_rip, registers_.rip);
    vmwrite(Field::guest_rflags, registers_.rflags);
    vmwrite(Field::guest_rsp, registers_.gpr[core::rsp]);
    finish_instruction();
}

/// Base of `segment`, or what counts as it for this instruction.
u64 Vcpu::segment_base(const core::Instruction& instruction, core::Segment segment) const {
    bool flat = instruction.code == core::CodeSize::code64 && segment != core::Segment::fs &&
                segment != core::Segment::gs;
    return flat ? 0 : vmread(at(Field::guest_es_base, static_cast<u32>(segment)));
}

/// An instruction with one operand in memory. One that goes on in another page is taken apart: only
/// there, or only here, is no memory.
bool Vcpu::execute_memory(const core::Instruction& instruction, core::Registers& registers,
                          u64 address) {
    u8 size = instruction.operand_size;
    u64 linear = segment_base(instruction, instruction.address.segment) +
                 core::effective_address(instruction, registers);
    bool in_one_page = size <= rest_of_page(linear);
    u64 memory = 0;
    if (instruction.reads_memory()) {
        if (in_one_page)
            memory = device_read(address, size);
        else if (!guest_access(linear, size, memory, false))
            return false;
    }
    auto write = core::execute(instruction, registers, memory);
    if (!write.wanted)
        return true;
    if (!in_one_page)
        return guest_access(linear, size, write.value, true);
    device_write(address, size, write.value);
    return true;
}

/// One iteration of STOS, LODS or MOVS, at least one side of which is a device.
bool Vcpu::execute_string(const core::Instruction& instruction, core::Registers& registers) {
    auto state = paging_state();
    u8 size = instruction.operand_size;
    // One side at a time, to memory or to a device, whichever the address has behind it.
    auto transfer = [&](u64 linear, u64& value, bool write) {
        auto walked = core::walk(guest_, state, linear,
                                 write ? core::AccessKind::write : core::AccessKind::read);
        bool device = walked.mapped() && guest_.ept.translate(walked.physical) == 0;
        if (!device || size > rest_of_page(linear))
            return guest_access(linear, size, value, write);
        if (write)
            device_write(walked.physical, size, value);
        else
            value = device_read(walked.physical, size);
        return true;
    };
    u64 memory = 0;
    if (core::string_iterations(instruction, registers) == 0) {
        (void)core::execute_string(instruction, registers, memory);
        return true;
    }
    u64 source = segment_base(instruction, instruction.address.segment) +
                 core::effective_address(instruction, registers);
    if (instruction.reads_memory() && !transfer(source, memory, false))
        return false;
    u64 destination = segment_base(instruction, core::Segment::es) +
                      core::string_destination(instruction, registers);
    auto write = core::execute_string(instruction, registers, memory);
    return !write.wanted || transfer(destination, write.value, true);
}

} // namespace cloison::vtx
