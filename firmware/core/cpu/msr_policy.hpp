// SPDX-License-Identifier: Apache-2.0
// Which model-specific registers a partition has. Default deny: what is not named here raises #GP,
// as a register that the CPU does not have does.
#pragma once

#include "firmware/abi/types.hpp"
#include "firmware/core/apic/local_apic.hpp"

#include <array>
#include <optional>

namespace cloison::core {

/// The registers that exist for the guest only as storage, or as an offset to the CPU's.
struct MsrState {
    u64 tsc_offset = 0; // guest TSC - CPU's TSC, modulo 2^64
    u64 tsc_adjust = 0;
    u64 mtrr_def_type = 0xC06; // as a BIOS leaves it: enabled, fixed ranges enabled, write-back
    std::array<u64, 11> mtrr_fixed{};
    std::array<u64, 16> mtrr_variable{};

    void reset();
};

/// How the CPU's own registers may be used by the guest without an exit.
enum class MsrAccess : u8 { none = 0, read = 1, write = 2, read_write = 3 };

/// Registers that the hardware keeps apart for each virtual CPU, since it has the physical CPU to
/// itself or the VMCS holds them; the firmware never uses them.
MsrAccess direct_access(u32 index, bool has_rdtscp);

/// RDMSR of a register without direct access; `now` is the CPU's TSC. nullopt: #GP(0).
std::optional<u64> read_msr(const MsrState& state, const LocalApic& apic, u32 index, u64 now);

/// WRMSR likewise, x2APIC registers excepted (their effects concern other CPUs). false: #GP(0).
bool write_msr(MsrState& state, LocalApic& apic, u32 index, u64 value, u64 now);

} // namespace cloison::core
