// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/cpu/msr_policy.hpp"

#include "firmware/core/cpu/msr_index.hpp"

namespace cloison::core {

namespace {

constexpr u64 all_write_back = 0x0606060606060606;
constexpr u32 variable_ranges = 8;
constexpr u64 mtrr_capabilities =
    variable_ranges | 1 << 8 | 1 << 10; // fixed ranges, write-combining
// Fast strings on; branch trace store and PEBS not there.
constexpr u64 misc_enable_value = 1 << 0 | 1 << 11 | 1 << 12;
// Revision in the high half; low half reserved (SDM vol. 3A, 10.11.7). 1: no real update is ever
// newer than a guest may think, and none can be loaded.
constexpr u64 microcode_value = u64{1} << 32;

bool is_memory_type(u64 type) {
    return type == 0 || type == 1 || (type >= 4 && type <= 6); // SDM vol. 3A, table 12-8
}

bool are_memory_types(u64 eight) {
    for (u32 i = 0; i < 8; ++i)
        if (!is_memory_type(eight >> (8 * i) & 0xFF))
            return false;
    return true;
}

/// Position of a fixed-range MTRR in MsrState, or nullopt.
std::optional<u32> fixed_range(u32 index) {
    if (index == msr::mtrr_fix64k)
        return 0;
    if (index == msr::mtrr_fix16k_80000 || index == msr::mtrr_fix16k_a0000)
        return 1 + (index - msr::mtrr_fix16k_80000);
    if (index >= msr::mtrr_fix4k_c0000 && index <= msr::mtrr_fix4k_f8000)
        return 3 + (index - msr::mtrr_fix4k_c0000);
    return std::nullopt;
}

bool is_variable_range(u32 index) {
    return index >= msr::mtrr_phys_base0 && index < msr::mtrr_phys_base0 + 2 * variable_ranges;
}

} // namespace

void MsrState::reset() {
    *this = {};
    mtrr_fixed.fill(all_write_back);
    mtrr_fixed[2] = 0; // 0xA0000 to 0xBFFFF: the VGA hole is uncached
}

MsrAccess direct_access(u32 index, bool has_rdtscp) {
    switch (index) {
    case msr::fs_base:
    case msr::gs_base:
    case msr::kernel_gs_base:
    case msr::star:
    case msr::lstar:
    case msr::cstar:
    case msr::syscall_mask:
    case msr::sysenter_cs:
    case msr::sysenter_esp:
    case msr::sysenter_eip:
    case msr::efer:
    case msr::pat:
        return MsrAccess::read_write;
    case msr::tsc_aux:
        return has_rdtscp ? MsrAccess::read_write : MsrAccess::none;
    case msr::tsc:
        return MsrAccess::read;
    default:
        return MsrAccess::none;
    }
}

std::optional<u64> read_msr(const MsrState& state, const LocalApic& apic, u32 index, u64 now) {
    switch (index) {
    case msr::tsc:
        return now + state.tsc_offset;
    case msr::tsc_adjust:
        return state.tsc_adjust;
    case msr::tsc_deadline: {
        u64 deadline = apic.tsc_deadline();
        return deadline == 0 ? 0 : deadline + state.tsc_offset;
    }
    case msr::apic_base:
        return apic.base();
    case msr::platform_id:
        return 0;
    case msr::microcode_revision:
        return microcode_value;
    case msr::misc_enable:
        return misc_enable_value;
    case msr::xss:
    case msr::debug_ctl:
        return 0;
    case msr::mtrr_cap:
        return mtrr_capabilities;
    case msr::mtrr_def_type:
        return state.mtrr_def_type;
    default:
        break;
    }
    if (auto fixed = fixed_range(index))
        return state.mtrr_fixed[*fixed];
    if (is_variable_range(index))
        return state.mtrr_variable[index - msr::mtrr_phys_base0];
    if (index >= msr::x2apic_base && index <= msr::x2apic_last && apic.x2apic())
        return apic.read(index - msr::x2apic_base, now);
    return std::nullopt;
}

bool write_msr(MsrState& state, LocalApic& apic, u32 index, u64 value, u64 now) {
    switch (index) {
    case msr::tsc: {
        u64 change = value - (now + state.tsc_offset);
        state.tsc_offset += change;
        state.tsc_adjust += change; // SDM vol. 3B, 18.17.3
        return true;
    }
    case msr::tsc_adjust:
        state.tsc_offset += value - state.tsc_adjust;
        state.tsc_adjust = value;
        return true;
    case msr::tsc_deadline:
        // A deadline of 0 disarms; one that wraps to 0 after the offset fires at once all the same.
        apic.write_tsc_deadline(value == 0                      ? 0
                                : value - state.tsc_offset == 0 ? 1
                                                                : value - state.tsc_offset);
        return true;
    case msr::apic_base:
        return apic.write_base(value);
    case msr::microcode_revision: // writing 0 before CPUID is how the revision is asked for
        return value == 0;
    case msr::misc_enable: // accepted, as most of its bits are on a CPU whose BIOS locked them
        return true;
    case msr::xss:
    case msr::debug_ctl:
        return value == 0;
    case msr::mtrr_def_type:
        if ((value & ~u64{0xCFF}) != 0 || !is_memory_type(value & 0xFF))
            return false;
        state.mtrr_def_type = value;
        return true;
    default:
        break;
    }
    if (auto fixed = fixed_range(index)) {
        if (!are_memory_types(value))
            return false;
        state.mtrr_fixed[*fixed] = value;
        return true;
    }
    if (is_variable_range(index)) {
        bool base = index % 2 == 0;
        if (base && ((value & 0xF00) != 0 || !is_memory_type(value & 0xFF)))
            return false;
        state.mtrr_variable[index - msr::mtrr_phys_base0] = value;
        return true;
    }
    return false;
}

} // namespace cloison::core
