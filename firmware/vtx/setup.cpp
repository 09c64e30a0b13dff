// SPDX-License-Identifier: Apache-2.0
// The VMCS of a virtual CPU, and the states from which guests start.
#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/vtx/msr_bitmap.hpp"
#include "firmware/vtx/vcpu.hpp"
#include "firmware/x86/log.hpp"

#include <asm/processor-flags.h>
#include <initializer_list>

extern "C" void vm_exit();

namespace cloison::vtx {

namespace msr = core::msr;

namespace {

// Segment access rights (SDM vol. 3C, 25.4.1).
constexpr u32 code16 = 0x9B, data16 = 0x93, code64 = 0xA09B, data32 = 0xC093, busy_tss = 0x8B,
              ldt = 0x82, unusable = 1 << 16;
constexpr u64 power_on_pat = 0x0007040600070406; // SDM vol. 3A, 12.12.4

core::CpuidValues read_cpuid(void*, u32 leaf, u32 subleaf) {
    auto r = x86::cpuid(leaf, subleaf);
    return {r.eax, r.ebx, r.ecx, r.edx};
}

core::CpuidParameters cpuid_parameters(const Capabilities& c, u32 virtual_id, u32 cpus,
                                       u64 tsc_hz) {
    core::CpuidParameters p;
    p.tsc_hz = tsc_hz;
    p.cpus = cpus;
    p.apic_id = virtual_id;
    p.rdtscp = (c.processor2 & proc2::enable_rdtscp) != 0;
    p.invpcid = (c.processor2 & proc2::enable_invpcid) != 0;
    return p;
}

} // namespace

Vcpu::Vcpu(Guest& guest, const Capabilities& capabilities, VcpuPages pages, u32 virtual_id,
           u64 host_tsc_hz)
    : guest_(guest),
      capabilities_(capabilities),
      pages_(pages),
      cpuid_({nullptr, read_cpuid}, cpuid_parameters(capabilities, virtual_id,
                                                     guest.record.processor_count, host_tsc_hz)) {
    apic.attach(pages.virtual_apic, virtual_id, virtual_id == 0);
    msrs.reset();
}

void Vcpu::initialise(const x86::Descriptors& descriptors) {
    *static_cast<u32*>(pages_.vmcs) = capabilities_.revision;
    auto address = reinterpret_cast<u64>(pages_.vmcs);
    asm volatile("vmclear %0; vmptrld %0" : : "m"(address) : "cc", "memory");
    launched_ = false;
    look_at_interrupts_ = true;
    halted_ = false;
    console_deadline_ = core::LocalApic::never;
    xcr0_ = 1;
    initialise_controls();
    initialise_host(descriptors);
    reset_state();
    // Registers that the VMCS does not hold, as after power-on.
    x86::wrmsr(msr::kernel_gs_base, 0);
    if ((x86::read_cr4() & X86_CR4_OSXSAVE) != 0)
        x86::xsetbv(0, xcr0_);
}

void Vcpu::initialise_controls() {
    processor_controls_ = capabilities_.processor;
    processor_controls2_ = capabilities_.processor2;
    if (!guest_.virtual_apic) {
        processor_controls_ = (processor_controls_ & ~u32{proc::tpr_shadow}) | proc::cr8_exiting;
        processor_controls2_ &=
            ~u32{proc2::apic_register_virtualization | proc2::virtual_interrupt_delivery};
    }
    if (guest_.io_bitmaps != nullptr) { // they go before unconditional exits
        processor_controls_ |= proc::use_io_bitmaps;
        vmwrite(Field::io_bitmap_a, reinterpret_cast<u64>(guest_.io_bitmaps));
        vmwrite(Field::io_bitmap_b, reinterpret_cast<u64>(guest_.io_bitmaps + page_size));
    }
    vmwrite(Field::pin_controls, capabilities_.pin);
    vmwrite(Field::processor_controls, processor_controls_);
    vmwrite(Field::processor_controls2, processor_controls2_);
    vmwrite(Field::exit_controls, capabilities_.exit);
    vmwrite(Field::entry_controls, capabilities_.entry);
    constexpr u32 machine_check = 1 << 18;
    vmwrite(Field::exception_bitmap, machine_check);
    for (Field f : {Field::page_fault_mask, Field::page_fault_match, Field::cr3_target_count,
                    Field::exit_msr_store_count, Field::exit_msr_load_count,
                    Field::entry_msr_load_count, Field::tsc_offset})
        vmwrite(f, 0);
    vmwrite(Field::vpid,
            apic.id() + 1); // each physical CPU runs one virtual CPU: any number but 0 will do
    vmwrite(Field::ept_pointer, guest_.ept.root() | capabilities_.ept_flags);
    vmwrite(Field::vmcs_link_pointer, ~u64{0});
    if (guest_.virtual_apic) {
        vmwrite(Field::virtual_apic_page, reinterpret_cast<u64>(pages_.virtual_apic));
        vmwrite(Field::apic_access_page, reinterpret_cast<u64>(guest_.apic_access_page));
        vmwrite(Field::guest_interrupt_status, 0);
        for (u32 i = 0; i < 4; ++i)
            vmwrite(at(Field::eoi_exit_bitmap0, i), 0);
    }
    // CR0: NE must stay set under VMX, and a guest may not turn the physical caches off. CR4: VMXE
    // must stay set; what the guest's CPUID does not show, write_cr4 refuses.
    vmwrite(Field::cr0_mask, X86_CR0_NE | X86_CR0_CD | X86_CR0_NW);
    vmwrite(Field::cr4_mask, ~u64{allowed_cr4});
    timer_value_ = ~u32{0};
    vmwrite(Field::preemption_timer, timer_value_);
}

void Vcpu::initialise_host(const x86::Descriptors& descriptors) {
    for (Field f : {Field::host_es_selector, Field::host_ss_selector, Field::host_ds_selector})
        vmwrite(f, x86::data_selector);
    vmwrite(Field::host_cs_selector, x86::code_selector);
    vmwrite(Field::host_tr_selector, x86::tss_selector);
    for (Field f : {Field::host_fs_selector, Field::host_gs_selector, Field::host_fs_base,
                    Field::host_gs_base, Field::host_sysenter_cs})
        vmwrite(f, 0);
    vmwrite(Field::host_tr_base, descriptors.tss_base());
    vmwrite(Field::host_gdtr_base, descriptors.gdt_base());
    vmwrite(Field::host_idtr_base, x86::idt_base());
    vmwrite(Field::host_cr0, x86::read_cr0());
    vmwrite(Field::host_cr3, x86::read_cr3());
    vmwrite(Field::host_cr4, x86::read_cr4());
    vmwrite(Field::host_pat, x86::rdmsr(msr::pat));
    vmwrite(Field::host_efer, x86::rdmsr(msr::efer));
    vmwrite(Field::host_rip, reinterpret_cast<u64>(&vm_exit));
}

void Vcpu::set_segment(Segment segment, u16 selector, u64 base, u32 limit, u32 access) {
    vmwrite(at(Field::guest_es_selector, segment), selector);
    vmwrite(at(Field::guest_es_base, segment), base);
    vmwrite(at(Field::guest_es_limit, segment), limit);
    vmwrite(at(Field::guest_es_access, segment), access);
}

/// Registers after power-on or INIT (SDM vol. 3A, table 10-1).
void Vcpu::reset_state() {
    for (u64& r : registers_.gpr)
        r = 0;
    registers_.gpr[core::rdx] = x86::cpuid(1).eax; // family, model, stepping
    for (Segment s : {Segment::es, Segment::ss, Segment::ds, Segment::fs, Segment::gs})
        set_segment(s, 0, 0, 0xFFFF, data16);
    set_segment(Segment::cs, 0xF000, 0xFFFF0000, 0xFFFF, code16);
    set_segment(Segment::ldtr, 0, 0, 0xFFFF, ldt | unusable);
    set_segment(Segment::tr, 0, 0, 0xFFFF, busy_tss);
    vmwrite(Field::guest_gdtr_base, 0);
    vmwrite(Field::guest_gdtr_limit, 0xFFFF);
    vmwrite(Field::guest_idtr_base, 0);
    vmwrite(Field::guest_idtr_limit, 0xFFFF);
    vmwrite(Field::guest_rip, 0xFFF0);
    vmwrite(Field::guest_rsp, 0);
    vmwrite(Field::guest_rflags, X86_EFLAGS_FIXED);
    vmwrite(Field::guest_cr0, X86_CR0_ET | X86_CR0_NE);
    vmwrite(Field::cr0_shadow, X86_CR0_ET | X86_CR0_CD | X86_CR0_NW);
    vmwrite(Field::guest_cr3, 0);
    vmwrite(Field::guest_cr4, capabilities_.cr4_fixed0);
    vmwrite(Field::cr4_shadow, 0);
    vmwrite(Field::guest_efer, 0);
    vmwrite(Field::guest_pat, power_on_pat);
    vmwrite(Field::guest_dr7, 0x400);
    vmwrite(Field::guest_debug_ctl, 0);
    for (Field f : {Field::guest_sysenter_cs, Field::guest_sysenter_esp, Field::guest_sysenter_eip,
                    Field::guest_pending_debug, Field::guest_interruptibility,
                    Field::entry_interruption_info})
        vmwrite(f, 0);
    vmwrite(Field::guest_activity, static_cast<u32>(Activity::active));
    vmwrite(Field::entry_controls, capabilities_.entry & ~entry_control::ia32e_guest);
    if (guest_.virtual_apic)
        vmwrite(Field::guest_interrupt_status, 0);
    x86::write_cr2(0);
    nmi_pending_ = false;
    update_apic_mode();
}

void Vcpu::start_real_mode(u8 page) {
    reset_state();
    set_segment(Segment::cs, static_cast<u16>(page << 8), u64{page} << 12, 0xFFFF, code16);
    vmwrite(Field::guest_rip, 0);
}

void Vcpu::start_linux(const core::EntryState& entry) {
    set_segment(Segment::cs, entry.cs, 0, ~u32{0}, code64);
    for (Segment s : {Segment::es, Segment::ss, Segment::ds})
        set_segment(s, entry.ds, 0, ~u32{0}, data32);
    vmwrite(Field::guest_gdtr_base, entry.gdt_base);
    vmwrite(Field::guest_gdtr_limit, entry.gdt_limit);
    vmwrite(Field::guest_cr0, X86_CR0_PG | X86_CR0_PE | X86_CR0_NE | X86_CR0_ET);
    vmwrite(Field::cr0_shadow, X86_CR0_PG | X86_CR0_PE | X86_CR0_ET);
    vmwrite(Field::guest_cr3, entry.cr3);
    vmwrite(Field::guest_cr4, capabilities_.cr4_fixed0 | X86_CR4_PAE);
    vmwrite(Field::cr4_shadow, X86_CR4_PAE);
    vmwrite(Field::guest_efer, msr::efer_lme | msr::efer_lma);
    vmwrite(Field::entry_controls, capabilities_.entry | entry_control::ia32e_guest);
    vmwrite(Field::guest_rip, entry.rip);
    vmwrite(Field::guest_rsp, entry.rsp);
    registers_.gpr[core::rsi] = entry.rsi;
    // As a BIOS leaves the boot CPU: virtual wire mode, the 8259s through LINT0 (MP
    // specification, 3.6.2.2).
    u64 now = x86::rdtsc();
    apic.write(core::apic_reg::svr, 0x1FF, now);
    apic.write(core::apic_reg::lvt_lint0, 0x700, now);
    apic.write(core::apic_reg::lvt_lint1, 0x400, now);
}

/// Tells the CPU which of the guest's APIC accesses it serves (SDM vol. 3C, 30.4 and 30.5).
void Vcpu::update_apic_mode() {
    bool x2apic = apic.x2apic();
    if (guest_.virtual_apic) {
        processor_controls2_ &= ~(proc2::virtualize_x2apic | proc2::virtualize_apic_accesses);
        if (x2apic)
            processor_controls2_ |= proc2::virtualize_x2apic;
        else if (apic.enabled())
            processor_controls2_ |= proc2::virtualize_apic_accesses;
        vmwrite(Field::processor_controls2, processor_controls2_);
    }
    bool virtualized = guest_.virtual_apic && x2apic;
    vmwrite(Field::msr_bitmap, msr_bitmap_address(virtualized));
}

} // namespace cloison::vtx
