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
    /// An NMI, which exits the guest whatever it masks, and reaches the firmware's own waits. An
    /// interrupt would do, but for Bochs 2.7: there one that arrives while a virtual interrupt is
    /// pending has that delivered, even with IF = 0 (docs/decisions/0020-called-by-nmi.md).
    static void kick(core::VirtualCpu& cpu) { x86::apic.send_nmi(cpu.host_apic_id); }
    static void alert(core::VirtualCpu& cpu) { kick(cpu); }
};
static_assert(core::Machine<VtxMachine>);

using Partition = core::Partition<VtxMachine>;

} // namespace cloison::vtx
