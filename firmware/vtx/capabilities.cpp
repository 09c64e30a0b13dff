// SPDX-License-Identifier: Apache-2.0
#include "firmware/vtx/capabilities.hpp"

#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/vtx/vmcs.hpp"
#include "firmware/x86/instructions.hpp"
#include "firmware/x86/local_apic.hpp"
#include "firmware/x86/log.hpp"

namespace cloison::vtx {

namespace msr = core::msr;
using x86::rdmsr;

namespace {

/// Counts what is missing, naming each.
class Missing {
  public:
    void require(bool present, const char* feature) {
        if (present)
            return;
        ++count_;
        x86::LogLine line;
        line << "@missing feature=" << feature;
    }
    [[nodiscard]] u32 count() const { return count_; }

  private:
    u32 count_ = 0;
};

struct Named {
    u32 bit;
    const char* name;
};

/// A control capability MSR: low half must-be-one bits, high half may-be-one bits (SDM vol. 3D,
/// A.2).
class ControlWord {
  public:
    explicit ControlWord(u32 index) : value_(rdmsr(index)) {}
    [[nodiscard]] bool allows(u32 bits) const { return (value_ >> 32 & bits) == bits; }
    [[nodiscard]] u32 adjust(u32 wanted) const {
        return (wanted | static_cast<u32>(value_)) & static_cast<u32>(value_ >> 32);
    }
    template <usize N>
    u32 demand(Missing& missing, const Named (&features)[N]) const {
        u32 wanted = 0;
        for (const Named& f : features) {
            missing.require(allows(f.bit), f.name);
            wanted |= f.bit;
        }
        return wanted;
    }

  private:
    u64 value_;
};

constexpr Named pin_needs[] = {
    {pin::external_interrupt_exiting, "external-interrupt-exiting"},
    {pin::nmi_exiting, "nmi-exiting"},
    {pin::virtual_nmis, "virtual-nmis"},
    {pin::preemption_timer, "vmx-preemption-timer"},
};
constexpr Named processor_needs[] = {
    {proc::unconditional_io_exiting, "unconditional-io-exiting"},
    {proc::use_msr_bitmaps, "msr-bitmaps"},
    {proc::use_tsc_offsetting, "tsc-offsetting"},
    {proc::hlt_exiting, "hlt-exiting"},
    {proc::secondary_controls, "secondary-controls"},
    {proc::rdpmc_exiting, "rdpmc-exiting"},
    {proc::mwait_exiting, "mwait-exiting"},
    {proc::monitor_exiting, "monitor-exiting"},
};
constexpr Named processor2_needs[] = {
    {proc2::enable_ept, "ept"},
    {proc2::unrestricted_guest, "unrestricted-guest"},
    {proc2::enable_vpid, "vpid"},
    {proc2::wbinvd_exiting, "wbinvd-exiting"},
};
constexpr Named exit_needs[] = {
    {exit_control::host_64bit, "64-bit-host"},
    {exit_control::acknowledge_interrupt, "acknowledge-interrupt-on-exit"},
    {exit_control::save_pat, "save-pat"},
    {exit_control::load_pat, "load-host-pat"},
    {exit_control::save_efer, "save-efer"},
    {exit_control::load_efer, "load-host-efer"},
    {exit_control::save_debug, "save-debug-controls"},
};
constexpr Named entry_needs[] = {
    {entry_control::load_pat, "load-guest-pat"},
    {entry_control::load_efer, "load-guest-efer"},
    {entry_control::load_debug, "load-debug-controls"},
};

constexpr u32 apic_features2 = proc2::apic_register_virtualization |
                               proc2::virtual_interrupt_delivery | proc2::virtualize_x2apic |
                               proc2::virtualize_apic_accesses;

void read_processor_controls(Capabilities& c, Missing& missing, u32 index) {
    ControlWord word(index);
    u32 wanted = word.demand(missing, processor_needs);
    ControlWord second(msr::vmx_procbased2);
    u32 wanted2 = second.demand(missing, processor2_needs);
    // Instructions that guests may use where CPUID shows them; without the control they raise #UD.
    for (u32 bit : {proc2::enable_rdtscp, proc2::enable_invpcid})
        if (second.allows(bit))
            wanted2 |= bit;
    if (word.allows(proc::tpr_shadow) && second.allows(apic_features2)) {
        c.apic = ApicSupport::virtualized;
        wanted |= proc::tpr_shadow;
        wanted2 |= proc2::apic_register_virtualization | proc2::virtual_interrupt_delivery;
    }
    missing.require(word.allows(proc::cr8_exiting),
                    "cr8-exiting"); // some guests' APICs are trapped
    c.io_bitmaps = word.allows(proc::use_io_bitmaps);
    c.processor = word.adjust(wanted);
    c.processor2 = second.adjust(wanted2);
}

void read_ept(Capabilities& c, Missing& missing) {
    // SDM vol. 3D, A.10.
    constexpr u64 walk4 = 1 << 6, write_back = 1 << 14, large_2m = 1 << 16, large_1g = 1 << 17,
                  invept = 1 << 20, invept_context = 1 << 25, invvpid = u64{1} << 32;
    u64 word = rdmsr(msr::vmx_ept_vpid_cap);
    missing.require((word & walk4) != 0, "ept-4-levels");
    missing.require((word & write_back) != 0, "ept-write-back");
    missing.require((word & large_2m) != 0, "ept-2mib-pages");
    missing.require((word & invept) != 0 && (word & invept_context) != 0, "invept");
    missing.require((word & invvpid) != 0, "invvpid");
    c.ept_1gib = (word & large_1g) != 0;
    c.ept_flags = 6 | 3 << 3; // write-back, 4 levels
}

} // namespace

u32 read_capabilities(Capabilities& c) {
    constexpr u32 cpuid_vmx = 1 << 5;
    constexpr u64 locked = 1, vmx_outside_smx = 1 << 2, true_controls = u64{1} << 55;
    Missing missing;
    missing.require((x86::cpuid(1).ecx & cpuid_vmx) != 0, "vmx");
    if (missing.count() != 0) {
        // Nothing more can be asked of such a CPU; what would be needed is said all the same.
        for (const char* feature : {"ept", "vpid", "unrestricted-guest", "vmx-preemption-timer"})
            missing.require(false, feature);
        return missing.count();
    }
    u64 control = rdmsr(msr::feature_control);
    missing.require((control & locked) == 0 || (control & vmx_outside_smx) != 0,
                    "vmx-enabled-by-bios");
    if ((control & locked) == 0)
        x86::wrmsr(msr::feature_control, control | locked | vmx_outside_smx);

    u64 basic = rdmsr(msr::vmx_basic);
    c.revision = static_cast<u32>(basic) & 0x7FFFFFFF;
    bool has_true = (basic & true_controls) != 0;
    ControlWord pin_word(has_true ? msr::vmx_true_pinbased : msr::vmx_pinbased);
    ControlWord exit_word(has_true ? msr::vmx_true_exit : msr::vmx_exit);
    ControlWord entry_word(has_true ? msr::vmx_true_entry : msr::vmx_entry);
    u32 processor_index = has_true ? msr::vmx_true_procbased : msr::vmx_procbased;
    c.pin = pin_word.adjust(pin_word.demand(missing, pin_needs));
    c.exit = exit_word.adjust(exit_word.demand(missing, exit_needs));
    c.entry = entry_word.adjust(entry_word.demand(missing, entry_needs));
    if (!ControlWord(processor_index).allows(proc::secondary_controls)) {
        missing.require(false, "secondary-controls");
        return missing.count();
    }
    read_processor_controls(c, missing, processor_index);
    if ((c.processor2 & proc2::enable_ept) != 0)
        read_ept(c, missing);
    c.preemption_rate = rdmsr(msr::vmx_misc) & 0x1F;
    c.cr0_fixed0 = rdmsr(msr::vmx_cr0_fixed0);
    c.tsc_deadline = x86::PhysicalApic::has_deadline_timer();
    constexpr u32 cpuid_mce = 1 << 7;
    c.cr4_fixed0 =
        rdmsr(msr::vmx_cr4_fixed0) | ((x86::cpuid(1).edx & cpuid_mce) != 0 ? X86_CR4_MCE : 0);
    return missing.count();
}

} // namespace cloison::vtx
