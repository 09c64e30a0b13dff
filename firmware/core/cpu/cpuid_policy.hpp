// SPDX-License-Identifier: Apache-2.0
// What CPUID tells a guest. Default deny: a leaf or a feature that is not named in cpuid_policy.cpp
// is not there. What is shown follows from the machine's own CPUID and from what the firmware
// emulates.
#pragma once

#include "firmware/abi/types.hpp"

#include <array>

namespace cloison::core {

struct CpuidValues {
    u32 eax = 0, ebx = 0, ecx = 0, edx = 0;
};

/// The CPU's own CPUID instruction, or a table of it in tests and models.
struct CpuidSource {
    void* context;
    CpuidValues (*read)(void* context, u32 leaf, u32 subleaf);
};

/// What differs from one virtual CPU to the next, and what the CPU lets a guest use.
struct CpuidParameters {
    u64 tsc_hz = 0;
    u32 cpus = 1;                         // virtual CPUs of the partition
    u32 apic_id = 0;                      // virtual APIC ID
    bool rdtscp = false, invpcid = false; // VMX controls for these instructions are on
};

/// The guest's registers on which CPUID depends.
struct CpuidState {
    u64 cr4 = 0;
    u64 xcr0 = 1;
};

/// One virtual CPU's answers, computed once.
class CpuidTable {
  public:
    CpuidTable(CpuidSource source, const CpuidParameters& parameters);

    [[nodiscard]] CpuidValues lookup(u32 leaf, u32 subleaf, const CpuidState& state) const;

    /// True when XSETBV may load `xcr0` (SDM vol. 1, 13.3): a subset of what leaf 0DH shows, with
    /// x87, and with each group of components whole.
    [[nodiscard]] bool valid_xcr0(u64 xcr0) const;

  private:
    void fill_basic(const CpuidParameters& parameters);
    void fill_extended_state();
    void fill_extended(const CpuidParameters& parameters);
    [[nodiscard]] CpuidValues host(u32 leaf, u32 subleaf = 0) const {
        return source_.read(source_.context, leaf, subleaf);
    }
    [[nodiscard]] CpuidValues cache(u32 subleaf) const;
    [[nodiscard]] CpuidValues topology(u32 subleaf) const;
    [[nodiscard]] CpuidValues extended_state(u32 subleaf, u64 xcr0) const;

    static constexpr u32 basic_leaves = 0x17, extended_leaves = 9, state_components = 19;

    CpuidSource source_;
    u32 cpus_;
    u32 apic_id_;
    u64 xcr0_mask_ = 1;
    std::array<CpuidValues, basic_leaves> basic_{};
    std::array<CpuidValues, extended_leaves> extended_{};
    std::array<CpuidValues, state_components> state_{}; // leaf 0DH, subleaves from 2
};

} // namespace cloison::core
