// SPDX-License-Identifier: Apache-2.0
// How fast the TSC counts, and what time it was when it was zero.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::x86 {

/// TSC ticks a second: measured against the ACPI PM timer at I/O port `pm_timer` for 10 ms (against
/// the PIT where that is 0), or what CPUID leaf 15H says where the measurement agrees to 1 %.
u64 tsc_frequency(u16 pm_timer);

/// Seconds from 1970-01-01 to the moment the TSC was zero, from the CMOS clock (taken to run in
/// UTC).
u64 tsc_epoch(u64 tsc_hz);

/// Waits `microseconds`.
void wait_us(u64 microseconds, u64 tsc_hz);

} // namespace cloison::x86
