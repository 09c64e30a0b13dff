// SPDX-License-Identifier: Apache-2.0
// The virtual-machine control structure: its fields as types, so that a 16-bit field cannot be
// written with a 64-bit name (SDM vol. 3D, appendix B; vol. 3C, chapter 25).
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::vtx {

enum class Field : u32 {
    vpid = 0x0000,
    guest_es_selector = 0x0800, // then CS, SS, DS, FS, GS, LDTR, TR in steps of 2
    guest_interrupt_status = 0x0810,
    host_es_selector = 0x0C00,
    host_cs_selector = 0x0C02,
    host_ss_selector = 0x0C04,
    host_ds_selector = 0x0C06,
    host_fs_selector = 0x0C08,
    host_gs_selector = 0x0C0A,
    host_tr_selector = 0x0C0C,
    io_bitmap_a = 0x2000,
    io_bitmap_b = 0x2002,
    msr_bitmap = 0x2004,
    tsc_offset = 0x2010,
    virtual_apic_page = 0x2012,
    apic_access_page = 0x2014,
    ept_pointer = 0x201A,
    eoi_exit_bitmap0 = 0x201C, // 4 fields in steps of 2
    guest_physical_address = 0x2400,
    vmcs_link_pointer = 0x2800,
    guest_debug_ctl = 0x2802,
    guest_pat = 0x2804,
    guest_efer = 0x2806,
    guest_pdpte0 = 0x280A, // 4 fields in steps of 2
    host_pat = 0x2C00,
    host_efer = 0x2C02,
    pin_controls = 0x4000,
    processor_controls = 0x4002,
    exception_bitmap = 0x4004,
    page_fault_mask = 0x4006,
    page_fault_match = 0x4008,
    cr3_target_count = 0x400A,
    exit_controls = 0x400C,
    exit_msr_store_count = 0x400E,
    exit_msr_load_count = 0x4010,
    entry_controls = 0x4012,
    entry_msr_load_count = 0x4014,
    entry_interruption_info = 0x4016,
    entry_exception_error = 0x4018,
    entry_instruction_length = 0x401A,
    processor_controls2 = 0x401E,
    instruction_error = 0x4400,
    exit_reason = 0x4402,
    exit_interruption_info = 0x4404,
    exit_interruption_error = 0x4406,
    idt_vectoring_info = 0x4408,
    idt_vectoring_error = 0x440A,
    exit_instruction_length = 0x440C,
    guest_es_limit = 0x4800,  // then as above, GDTR 0x4810, IDTR 0x4812
    guest_es_access = 0x4814, // then as above
    guest_gdtr_limit = 0x4810,
    guest_idtr_limit = 0x4812,
    guest_cs_access = 0x4816,
    guest_ss_access = 0x4818,
    guest_interruptibility = 0x4824,
    guest_activity = 0x4826,
    guest_sysenter_cs = 0x482A,
    preemption_timer = 0x482E,
    host_sysenter_cs = 0x4C00,
    cr0_mask = 0x6000,
    cr4_mask = 0x6002,
    cr0_shadow = 0x6004,
    cr4_shadow = 0x6006,
    exit_qualification = 0x6400,
    guest_linear_address = 0x640A,
    guest_cr0 = 0x6800,
    guest_cr3 = 0x6802,
    guest_cr4 = 0x6804,
    guest_es_base = 0x6806, // then as above
    guest_cs_base = 0x6808,
    guest_gdtr_base = 0x6816,
    guest_idtr_base = 0x6818,
    guest_dr7 = 0x681A,
    guest_rsp = 0x681C,
    guest_rip = 0x681E,
    guest_rflags = 0x6820,
    guest_pending_debug = 0x6822,
    guest_sysenter_esp = 0x6824,
    guest_sysenter_eip = 0x6826,
    host_cr0 = 0x6C00,
    host_cr3 = 0x6C02,
    host_cr4 = 0x6C04,
    host_fs_base = 0x6C06,
    host_gs_base = 0x6C08,
    host_tr_base = 0x6C0A,
    host_gdtr_base = 0x6C0C,
    host_idtr_base = 0x6C0E,
    host_rsp = 0x6C14,
    host_rip = 0x6C16,
};

/// Segment registers in the order of the VMCS's fields (and of instruction encodings, up to GS).
enum class Segment : u32 { es, cs, ss, ds, fs, gs, ldtr, tr };

constexpr Field at(Field first, u32 index) {
    return static_cast<Field>(static_cast<u32>(first) + 2 * index);
}
constexpr Field at(Field first, Segment segment) {
    return at(first, static_cast<u32>(segment));
}

inline u64 vmread(Field field) {
    u64 value;
    asm volatile("vmread %1, %0" : "=rm"(value) : "r"(static_cast<u64>(field)) : "cc");
    return value;
}

inline u32 vmread32(Field field) {
    return static_cast<u32>(vmread(field));
}

/// Writes a field of the current VMCS; a field the CPU lacks is a defect found by the entry that
/// follows.
inline void vmwrite(Field field, u64 value) {
    asm volatile("vmwrite %1, %0" : : "r"(static_cast<u64>(field)), "rm"(value) : "cc");
}

// Control bits used (SDM vol. 3C, tables 25-5 to 25-16).
namespace pin {
inline constexpr u32 external_interrupt_exiting = 1 << 0, nmi_exiting = 1 << 3,
                     virtual_nmis = 1 << 5, preemption_timer = 1 << 6;
}
namespace proc {
inline constexpr u32 interrupt_window_exiting = 1 << 2, use_tsc_offsetting = 1 << 3,
                     hlt_exiting = 1 << 7, mwait_exiting = 1 << 10, rdpmc_exiting = 1 << 11,
                     cr8_exiting = 3 << 19 /* loads, stores */, tpr_shadow = 1 << 21,
                     nmi_window_exiting = 1 << 22, unconditional_io_exiting = 1 << 24,
                     use_io_bitmaps = 1 << 25, use_msr_bitmaps = 1 << 28, monitor_exiting = 1 << 29,
                     secondary_controls = 1u << 31;
}
namespace proc2 {
inline constexpr u32 virtualize_apic_accesses = 1 << 0, enable_ept = 1 << 1, enable_rdtscp = 1 << 3,
                     virtualize_x2apic = 1 << 4, enable_vpid = 1 << 5, wbinvd_exiting = 1 << 6,
                     unrestricted_guest = 1 << 7, apic_register_virtualization = 1 << 8,
                     virtual_interrupt_delivery = 1 << 9, enable_invpcid = 1 << 12;
}
namespace exit_control {
inline constexpr u32 host_64bit = 1 << 9, acknowledge_interrupt = 1 << 15, save_pat = 1 << 18,
                     load_pat = 1 << 19, save_efer = 1 << 20, load_efer = 1 << 21,
                     save_debug = 1 << 2;
}
namespace entry_control {
inline constexpr u32 load_debug = 1 << 2, ia32e_guest = 1 << 9, load_pat = 1 << 14,
                     load_efer = 1 << 15;
}

/// Event in the form of the entry and exit interruption-information fields (SDM vol. 3C, 25.8.3).
namespace event {
inline constexpr u32 external_interrupt = 0 << 8, nmi = 2 << 8, hardware_exception = 3 << 8,
                     type_mask = 7 << 8, software_interrupt = 4 << 8, privileged_exception = 5 << 8,
                     software_exception = 6 << 8, deliver_error_code = 1 << 11, valid = 1u << 31;
}

/// Pending debug exceptions (SDM vol. 3C, 25.4.2): a single step's trap is due.
inline constexpr u64 pending_single_step = 1 << 14;

/// Guest interruptibility state and activity state (SDM vol. 3C, 25.4.2).
namespace blocking {
inline constexpr u32 by_sti = 1 << 0, by_mov_ss = 1 << 1, by_nmi = 1 << 3;
}
enum class Activity : u32 { active = 0, hlt = 1, shutdown = 2, wait_for_sipi = 3 };

} // namespace cloison::vtx
