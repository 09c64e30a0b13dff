// SPDX-License-Identifier: Apache-2.0
// What this CPU's VT-x can do, and which of the things the firmware cannot do without are missing.
#pragma once

#include "firmware/abi/types.hpp"

#include <asm/processor-flags.h>

namespace cloison::vtx {

/// How guests' local APICs are served: by the CPU, or by the firmware (SDM vol. 3C, chapter 30).
enum class ApicSupport : u8 {
    trapped,     // every access exits, interrupts are injected at VM entry
    virtualized, // APIC-register virtualization and virtual-interrupt delivery
};

/// The control words for this CPU: what the firmware asks for, adjusted to what must be one.
struct Capabilities {
    u32 revision = 0; // VMCS revision identifier
    u32 pin = 0, processor = 0, processor2 = 0, exit = 0, entry = 0;
    u64 cr0_fixed0 = 0; // bits that stay set
    u64 cr4_fixed0 =
        0;             // likewise, and MCE: without it a machine check shuts the whole machine down
    u64 ept_flags = 0; // memory type and walk length for the EPT pointer
    ApicSupport apic = ApicSupport::trapped;
    bool ept_1gib = false;
    bool io_bitmaps = false;
    bool tsc_deadline = false;
    u8 preemption_rate = 0; // the timer counts down once every 2^rate TSC ticks

    bool operator==(const Capabilities&) const = default;
};

/// Bits of CR4 that a guest may set, where the CPU has them: those whose features cpuid_policy.cpp
/// shows. PCE too, though no counter is shown: RDPMC exits.
inline constexpr u64 allowed_cr4 =
    X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE | X86_CR4_PSE | X86_CR4_PAE | X86_CR4_PGE |
    X86_CR4_PCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT | X86_CR4_UMIP | X86_CR4_FSGSBASE |
    X86_CR4_PCIDE | X86_CR4_OSXSAVE | X86_CR4_SMEP | X86_CR4_SMAP;

/// Fills `capabilities` from this CPU's capability MSRs. Logs one `@missing feature=` line for each
/// feature the firmware needs and this CPU lacks; returns how many there are. Reads no VMX MSR
/// where CPUID does not announce VMX, so it is safe on any CPU.
u32 read_capabilities(Capabilities& capabilities);

} // namespace cloison::vtx
