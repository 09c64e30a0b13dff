// SPDX-License-Identifier: Apache-2.0
// The local APIC of the CPU that runs, in xAPIC or x2APIC mode (SDM vol. 3A, chapter 11).
#pragma once

#include "firmware/core/apic/local_apic.hpp"

#include <atomic>

namespace cloison::guest {

namespace apic_reg = core::apic_reg;
using core::Delivery;

/// Bits of the interrupt command register, low half.
namespace icr {
inline constexpr u32 logical = 1 << 11, assert_level = 1 << 14, level_trigger = 1 << 15;
inline constexpr u32 none = 0, self = 1 << 18, all = 2 << 18, others = 3 << 18;

constexpr u32 mode(Delivery delivery) {
    return static_cast<u32>(delivery) << 8;
}
} // namespace icr

class Apic {
  public:
    static constexpr u64 base = 0xFEE00000;

    /// Software-enables the APIC of this CPU, everything masked.
    void initialise();
    /// This CPU's APIC into x2APIC mode. All CPUs must follow before the next access of theirs.
    void enter_x2apic();
    [[nodiscard]] bool x2apic() const { return x2apic_; }

    [[nodiscard]] u32 read(u32 reg) const;
    void write(u32 reg, u32 value) const;
    /// Sends an IPI; `destination` is an 8-bit one in xAPIC mode.
    void send(u32 destination, u32 command) const;
    void end_of_interrupt() const {
        if (ended_ == nullptr || (std::atomic_ref(*ended_).fetch_and(~u32{1}) & 1) == 0)
            write(apic_reg::eoi, 0);
    }
    /// Has a hypervisor say in bit 0 of `word` when it needs no end of interrupt, as KVM does.
    void elide_end_of_interrupt(u32& word) { ended_ = &word; }
    [[nodiscard]] u32 id() const;
    /// The logical destination register's value.
    [[nodiscard]] u32 logical_id() const {
        return x2apic_ ? read(apic_reg::ldr) : read(apic_reg::ldr) >> 24;
    }

  private:
    bool x2apic_ = false;
    u32* ended_ = nullptr;
};

extern constinit Apic apic;

} // namespace cloison::guest
