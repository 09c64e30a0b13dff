// SPDX-License-Identifier: Apache-2.0
// The machine's own local APICs: used to start and to call other CPUs, never shown to a guest.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::x86 {

/// The timer of a CPU that waits.
inline constexpr u8 timer_vector = 0xF2;

class PhysicalApic {
  public:
    /// Enables this CPU's local APIC, in x2APIC mode where the CPU has it (SDM vol. 3A, 11.12).
    void initialise();
    [[nodiscard]] u32 id() const;
    void send_nmi(u32 apic_id) const;
    void send_init(u32 apic_id) const;
    /// Start-up IPI: the CPU begins at `page` * 4 KiB, in real mode.
    void send_startup(u32 apic_id, u8 page) const;
    void end_of_interrupt() const;
    /// Whether this CPU's timer can wait for the TSC (SDM vol. 3A, 11.5.4.1).
    [[nodiscard]] static bool has_deadline_timer();
    /// Has timer_vector come when the TSC reaches `deadline`; 0: not at all. For CPUs with
    /// has_deadline_timer().
    static void arm_timer(u64 deadline);

  private:
    void send(u32 apic_id, u32 command) const;
    [[nodiscard]] u32 read(u32 offset) const;
    void write(u32 offset, u32 value) const;

    bool x2apic_ = false;
};

extern PhysicalApic apic;

} // namespace cloison::x86
