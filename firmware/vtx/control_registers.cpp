// SPDX-License-Identifier: Apache-2.0
// Writes to CR0 and CR4 that the CPU may not carry out alone, and CR8 where it has no TPR shadow.
#include "firmware/core/cpu/exceptions.hpp"
#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/core/decode/walk.hpp"
#include "firmware/vtx/vcpu.hpp"

#include <asm/processor-flags.h>

namespace cloison::vtx {

namespace exception = core::exception;
namespace msr = core::msr;

namespace {
constexpr u64 cr0_known = X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET |
                          X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_NW | X86_CR0_CD |
                          X86_CR0_PG;
} // namespace

void Vcpu::handle_cr_access(u64 qualification) {
    // Exit qualification for control-register accesses: SDM vol. 3C, table 28-3.
    u32 number = qualification & 15;
    u32 type = qualification >> 4 & 3;
    u32 reg = qualification >> 8 & 15;
    constexpr u32 mov_to = 0, mov_from = 1, clts = 2;
    if (reg == core::rsp)
        registers_.gpr[core::rsp] = vmread(Field::guest_rsp);
    bool ok = true;
    if (type == mov_to) {
        u64 value = registers_.gpr[reg];
        if ((vmread(Field::entry_controls) & entry_control::ia32e_guest) == 0)
            value = static_cast<u32>(value);
        if (number == 0)
            ok = write_cr0(value);
        else if (number == 4)
            ok = write_cr4(value);
        else if (number == 8)
            ok = value <= 15 && write_apic(core::apic_reg::tpr, value << 4);
    } else if (type == mov_from && number == 8) {
        registers_.gpr[reg] = apic.page()[core::apic_reg::tpr * 4] >> 4 & 15;
        if (reg == core::rsp)
            vmwrite(Field::guest_rsp, registers_.gpr[reg]);
    } else if (type == clts) {
        ok = write_cr0(vmread(Field::guest_cr0) & ~u64{X86_CR0_TS});
    } else { // LMSW: the low four bits, and PE only ever set
        u64 source = qualification >> 16 & 0xF;
        u64 cr0 = (vmread(Field::guest_cr0) & ~u64{X86_CR0_NE | X86_CR0_CD | X86_CR0_NW}) |
                  (vmread(Field::cr0_shadow) & (X86_CR0_NE | X86_CR0_CD | X86_CR0_NW));
        ok = write_cr0((cr0 & ~u64{X86_CR0_MP | X86_CR0_EM | X86_CR0_TS}) | source);
    }
    if (ok)
        advance();
    else
        raise(exception::protection, 0);
}

/// MOV to CR0 in full, since one that exits is not carried out in part (SDM vol. 3A, 2.5).
bool Vcpu::write_cr0(u64 value) {
    bool paging = (value & X86_CR0_PG) != 0;
    bool was_paging = (vmread(Field::guest_cr0) & X86_CR0_PG) != 0;
    if ((value >> 32) != 0 || (paging && (value & X86_CR0_PE) == 0) ||
        ((value & X86_CR0_NW) != 0 && (value & X86_CR0_CD) == 0))
        return false;
    value = (value & cr0_known) | X86_CR0_ET;
    u64 efer = vmread(Field::guest_efer);
    u64 cr4 = vmread(Field::guest_cr4);
    bool long_mode = (efer & msr::efer_lme) != 0;
    if (paging != was_paging && long_mode) {
        u64 cs_access = vmread(Field::guest_cs_access);
        constexpr u64 cs_long = 1 << 13;
        if (paging && ((cr4 & X86_CR4_PAE) == 0 || (cs_access & cs_long) != 0))
            return false;
        if (!paging && (cs_access & cs_long) != 0)
            return false; // 64-bit code cannot turn paging off
        u64 entry = vmread(Field::entry_controls);
        vmwrite(Field::entry_controls, paging ? entry | entry_control::ia32e_guest
                                              : entry & ~u64{entry_control::ia32e_guest});
        vmwrite(Field::guest_efer, paging ? efer | msr::efer_lma : efer & ~msr::efer_lma);
        if (paging) { // VM entry checks that the task register is that of a 64-bit task
            constexpr u64 tr_type = 15, busy_tss = 11;
            Field access = at(Field::guest_es_access, Segment::tr);
            vmwrite(access, (vmread(access) & ~tr_type) | busy_tss);
        }
    }
    vmwrite(Field::guest_cr0, (value | X86_CR0_NE) & ~u64{X86_CR0_CD | X86_CR0_NW});
    vmwrite(Field::cr0_shadow, value);
    if (paging && !long_mode && (cr4 & X86_CR4_PAE) != 0)
        load_pdptes();
    return true;
}

bool Vcpu::write_cr4(u64 value) {
    // A bit that the guest's CPUID does not show is reserved for it.
    if ((value & ~u64{allowed_cr4}) != 0)
        return false;
    bool long_mode = (vmread(Field::guest_efer) & msr::efer_lma) != 0;
    if (long_mode && (value & X86_CR4_PAE) == 0)
        return false;
    vmwrite(Field::guest_cr4, value | capabilities_.cr4_fixed0);
    vmwrite(Field::cr4_shadow, value);
    bool paging = (vmread(Field::guest_cr0) & X86_CR0_PG) != 0;
    if (paging && !long_mode && (value & X86_CR4_PAE) != 0)
        load_pdptes();
    return true;
}

/// PAE paging keeps its four top entries in the CPU; where we set CR0 or CR4 in the guest's stead
/// we must load them as MOV does (SDM vol. 3A, 4.4.1).
void Vcpu::load_pdptes() {
    u64 base = vmread(Field::guest_cr3) & 0xFFFFFFE0;
    for (u32 i = 0; i < 4; ++i)
        vmwrite(at(Field::guest_pdpte0, i), guest_.read_u64(base + 8 * i).value_or(0));
}

} // namespace cloison::vtx
