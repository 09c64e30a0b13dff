// SPDX-License-Identifier: Apache-2.0
// The ways off: ACPI's fixed registers (ACPI 6.4, 4.8.3) and the PC's reset ports.
//
// What the FADT must say of them: SMI_CMD 0, so that ACPI mode is always on; PM1_EVT_LEN 4,
// PM1_CNT_LEN 2, PM_TMR_LEN 4; no PM1b, PM2 or GPE blocks; SCI_INT guest_map::gsi_sci; RESET_REG at
// port guest_map::reset_control, 8 bits, RESET_VALUE guest_map::reset_value; CENTURY 0x32; DAY_ALRM
// and MON_ALRM 0. Flags: WBINVD, PWR_BUTTON and SLP_BUTTON (that is: no fixed buttons), FIX_RTC (no
// RTC status bit), RESET_REG_SUP, and TMR_VAL_EXT clear (the timer has 24 bits).
#pragma once

#include "firmware/core/devices/clock.hpp"

namespace cloison::core {

/// What the partition wants done to itself.
enum class Power : u8 { none, off, reset };

inline constexpr u16 keyboard_command = 0x64;
inline constexpr u16 system_control_a = 0x92;

class PowerControl {
  public:
    static constexpr u64 timer_hz = 3'579'545;

    explicit PowerControl(Clock clock) : timer_rate_(clock, timer_hz) {}

    /// A byte of PM1 event (status, enable), PM1 control or the PM timer, of system_control_a or of
    /// guest_map::reset_control.
    [[nodiscard]] u8 read(u16 port, u64 now);
    /// The same ports and keyboard_command.
    void write(u16 port, u8 value, u64 now);

    /// The whole PM timer.
    [[nodiscard]] u32 timer(u64 now) const {
        return static_cast<u32>(timer_rate_.count_at(now) & timer_mask);
    }

    /// Sets the timer's status bit when its time has come.
    void advance(u64 now);
    /// The system control interrupt's line.
    [[nodiscard]] bool sci() const { return (status_ & enable_) != 0; }
    /// The tick at which sci() rises by itself, or never.
    [[nodiscard]] u64 next_sci() const;

    /// The first wish uttered; it stands.
    [[nodiscard]] Power request() const { return request_; }

  private:
    static constexpr u32 timer_mask = 0xFF'FFFF;
    static constexpr u64 toggle_cycles = 0x80'0000; // the timer's top bit changes

    void ask(Power wish) { request_ = request_ == Power::none ? wish : request_; }

    Rate timer_rate_;
    u64 next_toggle_ = timer_rate_.tick_of(toggle_cycles);
    u16 status_ = 0;
    u16 enable_ = 0;
    u16 control_ = 0; // without SCI_EN, which is always set, and SLP_EN, which reads as 0
    u8 reset_control_ = 0;
    Power request_ = Power::none;
};

} // namespace cloison::core
