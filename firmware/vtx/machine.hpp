// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "firmware/core/partition/partition.hpp"
#include "firmware/x86/instructions.hpp"
#include "firmware/x86/local_apic.hpp"
#include "firmware/x86/lock.hpp"

namespace cloison::vtx {

/// The real machine, as core::Partition wants it.
struct VtxMachine {
    using Lock = x86::Lock;

    static u64 now() { return x86::rdtsc(); }
    /// An external interrupt: exits the guest at once if it runs with IF = 1 or 0, waits in the
    /// local APIC for the next VM entry if the firmware runs. (Bochs 2.7 does not wake a guest from
    /// HLT with IF = 0 this way; such a guest could not take the interrupt either.)
    static void kick(core::VirtualCpu& cpu) {
        x86::apic.send_interrupt(cpu.host_apic_id, x86::kick_vector);
    }
    /// An NMI: reaches a CPU in any state, the firmware's own waits included.
    static void alert(core::VirtualCpu& cpu) { x86::apic.send_nmi(cpu.host_apic_id); }
};
static_assert(core::Machine<VtxMachine>);

using Partition = core::Partition<VtxMachine>;

} // namespace cloison::vtx
