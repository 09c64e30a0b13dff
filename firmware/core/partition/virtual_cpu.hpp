// SPDX-License-Identifier: Apache-2.0
// The machine-independent part of a virtual CPU.
#pragma once

#include "firmware/core/apic/local_apic.hpp"
#include "firmware/core/cpu/msr_policy.hpp"
#include "firmware/core/partition/events.hpp"

namespace cloison::core {

struct VirtualCpu {
    u32 host_apic_id = 0;       // of the physical CPU it has to itself
    VirtualCpu* next = nullptr; // in its partition, by ascending virtual APIC ID
    LocalApic apic;
    MsrState msrs;
    PostedInterrupts posted;
    std::atomic<u32> events{0};
    std::atomic<u8> startup_vector{0};
    bool waits_for_startup = false; // between INIT and SIPI (SDM vol. 3A, 9.4)
    u64 exits = 0;

    /// State after power-on.
    void reset() {
        apic.reset(false);
        msrs.reset();
        posted.clear();
        events.store(0, std::memory_order_seq_cst);
        waits_for_startup = false;
    }

    /// Leaves `bits` for the CPU; true when it must be called to look, since none of them was set
    /// yet.
    bool leave(u32 bits) {
        return (events.fetch_or(bits, std::memory_order_seq_cst) & bits) != bits;
    }
};

} // namespace cloison::core
