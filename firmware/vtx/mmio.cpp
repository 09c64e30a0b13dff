// SPDX-License-Identifier: Apache-2.0
// Accesses to guest-physical addresses without memory: a device's registers, or nothing, which reads as
// all-ones and swallows writes.
#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/core/decode/decoder.hpp"
#include "firmware/core/decode/execute.hpp"
#include "firmware/core/decode/walk.hpp"
#include "firmware/vtx/vcpu.hpp"

#include <algorithm>
#include <array>

namespace cloison::vtx {

namespace msr = core::msr;

namespace {

constexpr usize longest_instruction = 15;
constexpr u32 exception_protection = 13, exception_page_fault = 14;
constexpr u32 cs_long = 1 << 13, cs_default_big = 1 << 14;

core::CodeSize code_size(u32 cs_access, bool long_mode) {
    if (long_mode && (cs_access & cs_long) != 0)
        return core::CodeSize::code64;
    return (cs_access & cs_default_big) != 0 ? core::CodeSize::code32 : core::CodeSize::code16;
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
    for (usize i = 0; i < buffer.size(); ++i) {
        auto walked = core::walk(guest_, state, linear + i, core::AccessKind::fetch);
        auto byte = walked.mapped() ? guest_.read<u8>(walked.physical) : std::nullopt;
        if (!byte)
            return buffer.first(i);
        buffer[i] = *byte;
    }
    return buffer;
}

/// Reads or writes guest memory at a linear address. False: a page fault is injected.
bool Vcpu::guest_access(u64 linear, u32 size, u64& value, bool write) {
    auto state = paging_state();
    auto kind = write ? core::AccessKind::write : core::AccessKind::read;
    for (u32 i = 0; i < size; ++i) {
        auto walked = core::walk(guest_, state, linear + i, kind);
        if (!walked.mapped()) {
            if (walked.outcome == core::WalkResult::Outcome::page_fault) {
                x86::write_cr2(linear + i);
                raise(exception_page_fault, walked.error_code);
            } else {
                raise(exception_protection, 0);
            }
            return false;
        }
        u64 host = guest_.ept.translate(walked.physical);
        auto* byte = reinterpret_cast<u8*>(host);
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

void Vcpu::emulate_memory_access(u64 address) {
    registers_.rip = vmread(Field::guest_rip);
    registers_.rflags = vmread(Field::guest_rflags);
    registers_.gpr[core::rsp] = vmread(Field::guest_rsp);
    std::array<u8, longest_instruction> bytes{};
    bool long_mode = (vmread(Field::guest_efer) & msr::efer_lma) != 0;
    auto decoded = core::decode(fetch(bytes), code_size(vmread32(Field::guest_cs_access), long_mode));
    if (!decoded.ok()) {
        // Code or page tables where there is no memory, or an instruction that nobody uses on a device.
        guest_.warn(refused::memory, "instruction's access to unassigned memory", address);
        raise(exception_protection, 0);
        return;
    }
    const auto& instruction = decoded.instruction;
    if (instruction.is_string()) {
        execute_string(instruction, registers_);
    } else {
        u64 memory = instruction.reads_memory() ? device_read(address, instruction.operand_size) : 0;
        auto write = core::execute(instruction, registers_, memory);
        if (write.wanted)
            device_write(address, instruction.operand_size, write.value);
    }
    vmwrite(Field::guest_rip, registers_.rip);
    vmwrite(Field::guest_rflags, registers_.rflags);
    vmwrite(Field::guest_rsp, registers_.gpr[core::rsp]);
    u64 state = vmread(Field::guest_interruptibility);
    vmwrite(Field::guest_interruptibility, state & ~u64{blocking::by_sti | blocking::by_mov_ss});
}

/// One iteration of STOS, LODS or MOVS, at least one side of which is a device.
void Vcpu::execute_string(const core::Instruction& instruction, core::Registers& registers) {
    auto state = paging_state();
    u8 size = instruction.operand_size;
    bool long_mode = (state.efer & msr::efer_lma) != 0 && instruction.code == core::CodeSize::code64;
    auto base = [&](core::Segment s) {
        bool flat = long_mode && s != core::Segment::fs && s != core::Segment::gs;
        return flat ? 0 : vmread(at(Field::guest_es_base, static_cast<u32>(s)));
    };
    // One side at a time, to memory or to a device, whichever the address has behind it. An operand that
    // crosses a page is taken as if its first page went on.
    auto transfer = [&](u64 linear, u64& value, bool write) {
        auto walked = core::walk(guest_, state, linear, write ? core::AccessKind::write : core::AccessKind::read);
        if (walked.mapped() && guest_.ept.translate(walked.physical) == 0) {
            if (write)
                device_write(walked.physical, size, value);
            else
                value = device_read(walked.physical, size);
            return true;
        }
        return guest_access(linear, size, value, write);
    };
    if (core::string_iterations(instruction, registers) == 0) {
        (void)core::execute_string(instruction, registers, 0);
        return;
    }
    u64 memory = 0;
    if (instruction.reads_memory() &&
        !transfer(base(instruction.address.segment) + core::effective_address(instruction, registers), memory, false))
        return;
    u64 destination = base(core::Segment::es) + core::string_destination(instruction, registers);
    core::Registers after = registers;
    auto write = core::execute_string(instruction, after, memory);
    if (write.wanted && !transfer(destination, write.value, true))
        return;
    registers = after;
}

} // namespace cloison::vtx
