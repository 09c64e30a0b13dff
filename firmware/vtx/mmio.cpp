// SPDX-License-Identifier: Apache-2.0
// Accesses to guest-physical addresses without memory: a device's registers, or nothing, which reads as
// all-ones and swallows writes.
#include "firmware/core/cpu/exceptions.hpp"
#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/core/decode/decoder.hpp"
#include "firmware/core/decode/execute.hpp"
#include "firmware/core/decode/walk.hpp"
#include "firmware/vtx/vcpu.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace cloison::vtx {

namespace exception = core::exception;
namespace msr = core::msr;

namespace {

constexpr usize longest_instruction = 15;
constexpr u32 cs_long = 1 << 13, cs_default_big = 1 << 14;

core::CodeSize code_size(u32 cs_access, bool long_mode) {
    if (long_mode && (cs_access & cs_long) != 0)
        return core::CodeSize::code64;
    return (cs_access & cs_default_big) != 0 ? core::CodeSize::code32 : core::CodeSize::code16;
}

constexpr u64 rest_of_page(u64 linear) {
    return page_size - linear % page_size;
}

} // namespace

core::PagingState Vcpu::paging_state() const {
    core::PagingState s;
    s.cr0 = vmread(Field::guest_cr0);
    s.cr3 = vmread(Field::guest_cr3);
    s.cr4 = vmread(Field::guest_cr4);
    s.efer = vmread(Field::guest_efer);
    s.rflags = vmread(Field::guest_rflags);
    s.physical_bits = static_cast<u8>(cpuid_.lookup(0x80000008, 0, {}).eax);
    s.user = (vmread(Field::guest_ss_access) >> 5 & 3) == 3;
    return s;
}

/// The bytes at CS:RIP, as many as are mapped and fit `buffer`.
std::span<const u8> Vcpu::fetch(std::span<u8> buffer) const {
    auto state = paging_state();
    bool long_mode = (state.efer & msr::efer_lma) != 0;
    bool code64 = long_mode && (vmread32(Field::guest_cs_access) & cs_long) != 0;
    u64 linear = code64 ? registers_.rip : static_cast<u32>(registers_.rip + vmread(Field::guest_cs_base));
    for (usize done = 0; done < buffer.size();) { // page by page
        auto walked = core::walk(guest_, state, linear + done, core::AccessKind::fetch);
        u64 host = walked.mapped() ? guest_.ept.translate(walked.physical) : 0;
        if (host == 0)
            return buffer.first(done);
        usize count = std::min(buffer.size() - done, rest_of_page(linear + done));
        std::memcpy(buffer.data() + done, reinterpret_cast<const void*>(host), count);
        done += count;
    }
    return buffer;
}

/// Injects what an access to `linear`, which `walked` found not to be allowed, leads to.
void Vcpu::raise_access_fault(const core::WalkResult& walked, u64 linear) {
    if (walked.outcome == core::WalkResult::Outcome::page_fault) {
        x86::write_cr2(linear);
        raise(exception::page_fault, walked.error_code);
    } else {
        raise(exception::protection, 0);
    }
}

/// Reads or writes guest memory at a linear address; bytes without memory read as all-ones. False: a fault
/// is injected, and nothing was written.
bool Vcpu::guest_access(u64 linear, u32 size, u64& value, bool write) {
    auto state = paging_state();
    auto kind = write ? core::AccessKind::write : core::AccessKind::read;
    u64 first_bytes = rest_of_page(linear);
    u64 hosts[2]{}; // of the first byte, and of the first one on the next page
    for (u32 page = 0; page < 2 && page * first_bytes < size; ++page) {
        u64 at = linear + page * first_bytes;
        auto walked = core::walk(guest_, state, at, kind);
        if (!walked.mapped()) {
            raise_access_fault(walked, at);
            return false;
        }
        hosts[page] = guest_.ept.translate(walked.physical);
    }
    for (u32 i = 0; i < size; ++i) {
        bool second = i >= first_bytes;
        u64 host = hosts[second];
        auto* byte = reinterpret_cast<u8*>(host + (second ? i - first_bytes : i));
        if (write && host != 0)
            *byte = static_cast<u8>(value >> (8 * i));
        else if (!write)
            value = (value & ~(u64{0xFF} << (8 * i))) | u64{host != 0 ? *byte : u8{0xFF}} << (8 * i);
    }
    return true;
}

u64 Vcpu::device_read(u64 address, u32 size) {
    if (address - guest_map::local_apic < page_size && apic.enabled() && !apic.x2apic()) {
        u64 offset = address - guest_map::local_apic;
        u64 value = apic.read(static_cast<u32>(offset / 16), x86::rdtsc()).value_or(0);
        return offset % 16 < 4 ? value >> (8 * (offset % 4)) : 0;
    }
    if (core::Board::claims(address))
        return guest_.partition.mmio_read(*this, address, size);
    guest_.warn(refused::memory, "access to unassigned memory", address);
    return ~u64{0};
}

void Vcpu::device_write(u64 address, u32 size, u64 value) {
    if (address - guest_map::local_apic < page_size && apic.enabled() && !apic.x2apic()) {
        if (address % 16 == 0 && size >= 4)
            write_apic(static_cast<u32>((address - guest_map::local_apic) / 16), static_cast<u32>(value));
    } else if (core::Board::claims(address)) {
        guest_.partition.mmio_write(*this, address, size, value);
    } else {
        guest_.warn(refused::memory, "access to unassigned memory", address);
    }
}

void Vcpu::handle_ept_violation(u64 qualification) {
    // Exit qualification for EPT violations: SDM vol. 3C, table 28-7.
    constexpr u64 linear_valid = 1 << 7, translated = 1 << 8;
    bool in_page_tables = (qualification & linear_valid) != 0 && (qualification & translated) == 0;
    if (!in_page_tables || (vmread32(Field::idt_vectoring_info) & event::valid) != 0) {
        handle_memory_access(vmread(Field::guest_physical_address));
        return;
    }
    // A table where there is no memory reads as all-ones, and has reserved bits set therefore.
    u64 linear = vmread(Field::guest_linear_address);
    bool write = (qualification & 2) != 0;
    auto walked = core::walk(guest_, paging_state(), linear, write ? core::AccessKind::write : core::AccessKind::read);
    raise_access_fault(walked, linear);
}

/// An instruction's access to guest-physical `address`, where there is no memory.
void Vcpu::handle_memory_access(u64 address) {
    if ((vmread32(Field::idt_vectoring_info) & event::valid) != 0) {
        // Not an instruction's: an event cannot be delivered, since its handler, stack or descriptors are
        // not in memory. A guest in which nothing can be delivered ends by a triple fault.
        guest_.warn(refused::memory, "delivery of an event by way of unassigned memory", address);
        raise(exception::protection, 0);
        return;
    }
    registers_.rip = vmread(Field::guest_rip);
    registers_.rflags = vmread(Field::guest_rflags);
    registers_.gpr[core::rsp] = vmread(Field::guest_rsp);
    std::array<u8, longest_instruction> bytes{};
    bool long_mode = (vmread(Field::guest_efer) & msr::efer_lma) != 0;
    auto decoded = core::decode(fetch(bytes), code_size(vmread32(Field::guest_cs_access), long_mode));
    if (decoded.ok()) {
        emulate_memory_access(decoded.instruction, address);
        return;
    }
    // Code where there is no memory, or an instruction that nobody uses on a device.
    guest_.warn(refused::memory, "instruction's access to unassigned memory", address);
    raise(exception::protection, 0);
}

void Vcpu::emulate_memory_access(const core::Instruction& instruction, u64 address) {
    core::Registers after = registers_;
    bool done = instruction.is_string() ? execute_string(instruction, after) : execute_memory(instruction, after, address);
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
    bool flat = instruction.code == core::CodeSize::code64 && segment != core::Segment::fs && segment != core::Segment::gs;
    return flat ? 0 : vmread(at(Field::guest_es_base, static_cast<u32>(segment)));
}

/// An instruction with one operand in memory. One that goes on in another page is taken apart: only there,
/// or only here, is no memory.
bool Vcpu::execute_memory(const core::Instruction& instruction, core::Registers& registers, u64 address) {
    u8 size = instruction.operand_size;
    u64 linear = segment_base(instruction, instruction.address.segment) + core::effective_address(instruction, registers);
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
        auto walked = core::walk(guest_, state, linear, write ? core::AccessKind::write : core::AccessKind::read);
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
    u64 source = segment_base(instruction, instruction.address.segment) + core::effective_address(instruction, registers);
    if (instruction.reads_memory() && !transfer(source, memory, false))
        return false;
    u64 destination = segment_base(instruction, core::Segment::es) + core::string_destination(instruction, registers);
    auto write = core::execute_string(instruction, registers, memory);
    return !write.wanted || transfer(destination, write.value, true);
}

} // namespace cloison::vtx
