// SPDX-License-Identifier: Apache-2.0
// A guest's memory as its own instructions reach it, by linear address: its code, and its data.
#include "firmware/core/cpu/exceptions.hpp"
#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/core/decode/decoder.hpp"
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
    u64 linear =
        code64 ? registers_.rip : static_cast<u32>(registers_.rip + vmread(Field::guest_cs_base));
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

/// Reads or writes guest memory at a linear address; bytes without memory read as all-ones. False:
/// a fault is injected, and nothing was written.
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
        hosts[page] = write ? guest_.ept.translate_for_write(walked.physical)
                            : guest_.ept.translate(walked.physical);
    }
    for (u32 i = 0; i < size; ++i) {
        bool second = i >= first_bytes;
        u64 host = hosts[second];
        auto* byte = reinterpret_cast<u8*>(host + (second ? i - first_bytes : i));
        if (write && host != 0)
            *byte = static_cast<u8>(value >> (8 * i));
        else if (!write)
            value = (value & ~(u64{0xFF} << (8 * i))) | u64{host != 0 ? *byte : u8{0xFF}}
                                                            << (8 * i);
    }
    return true;
}

/// The instruction at RIP, decoded; in registers_ what is needed to execute it.
core::Decoded Vcpu::decode_instruction() {
    registers_.rip = vmread(Field::guest_rip);
    registers_.rflags = vmread(Field::guest_rflags);
    registers_.gpr[core::rsp] = vmread(Field::guest_rsp);
    std::array<u8, longest_instruction> bytes{};
    bool long_mode = (vmread(Field::guest_efer) & msr::efer_lma) != 0;
    return core::decode(fetch(bytes), code_size(vmread32(Field::guest_cs_access), long_mode));
}

} // namespace cloison::vtx
