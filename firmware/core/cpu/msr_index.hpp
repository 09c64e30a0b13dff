// SPDX-License-Identifier: Apache-2.0
// Model-specific registers that the firmware knows by name (SDM vol. 4, tables 2-2 and A-1).
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::core::msr {

inline constexpr u32 tsc = 0x10, platform_id = 0x17, apic_base = 0x1B, feature_control = 0x3A,
                     tsc_adjust = 0x3B, microcode_revision = 0x8B, mtrr_cap = 0xFE,
                     sysenter_cs = 0x174, sysenter_esp = 0x175, sysenter_eip = 0x176,
                     misc_enable = 0x1A0, debug_ctl = 0x1D9, mtrr_phys_base0 = 0x200,
                     mtrr_fix64k = 0x250, mtrr_fix16k_80000 = 0x258, mtrr_fix16k_a0000 = 0x259,
                     mtrr_fix4k_c0000 = 0x268, mtrr_fix4k_f8000 = 0x26F, pat = 0x277,
                     mtrr_def_type = 0x2FF, tsc_deadline = 0x6E0, xss = 0xDA0;

inline constexpr u32 vmx_basic = 0x480, vmx_misc = 0x485, vmx_cr0_fixed0 = 0x486,
                     vmx_cr4_fixed0 = 0x488, vmx_procbased2 = 0x48B, vmx_ept_vpid_cap = 0x48C,
                     vmx_true_pinbased = 0x48D, vmx_true_procbased = 0x48E, vmx_true_exit = 0x48F,
                     vmx_true_entry = 0x490;
inline constexpr u32 vmx_pinbased = 0x481, vmx_procbased = 0x482, vmx_exit = 0x483,
                     vmx_entry = 0x484;

inline constexpr u32 x2apic_base = 0x800, x2apic_last = 0x8FF;

inline constexpr u32 efer = 0xC0000080, star = 0xC0000081, lstar = 0xC0000082, cstar = 0xC0000083,
                     syscall_mask = 0xC0000084, fs_base = 0xC0000100, gs_base = 0xC0000101,
                     kernel_gs_base = 0xC0000102, tsc_aux = 0xC0000103;

inline constexpr u64 efer_lme = 1 << 8, efer_lma = 1 << 10, efer_nx = 1 << 11;

} // namespace cloison::core::msr
