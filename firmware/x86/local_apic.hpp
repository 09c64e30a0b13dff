// SPDX-License-Identifier: Apache-2.0
// The machine's own local APICs: used to start and to call other CPUs, never shown to a guest.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::x86 {

/// The one external interrupt the firmware uses: "look at your virtual CPU's events".
inline constexpr u8 kick_vector = 0xF0;

class PhysicalApic {
  public:
    /// Enables this CPU's local APIC, in x2APIC mode where the CPU has it (SDM vol. 3A, 11.12).
    void initialise();
    [[nodiscard]] u32 id() const;
    void send_interrupt(u32 apic_id, u8 vector) const;
    void send_nmi(u32 apic_id) const;
    void send_init(u32 apic_id) const;
    /// Start-up IPI: the CPU begins at `page` * 4 KiB, in real mode.
    void send_startup(u32 apic_id, u8 page) const;
    void end_of_interrupt() const;

  private:
    void send(u32 apic_id, u32 command) const;
    [[nodiscard]] u32 read(u32 offset) const;
    void write(u32 offset, u32 value) const;

    bool x2apic_ = false;
};

extern PhysicalApic apic;

} // namespace cloison::x86
