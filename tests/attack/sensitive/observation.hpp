// SPDX-License-Identifier: Apache-2.0
// What was observed: written down while the guest may be in user mode, said when it no longer is.
// Two runs of the guest, in a partition and on the bare machine, must say the same.
#pragma once

#include "tests/guest/probe.hpp"

namespace cloison::sensitive {

using namespace guest;

/// Adds a value under `name`, which stays; for a selector or the like, `index` goes with it.
void note(const char* name, u64 value, u64 index = 0);
/// Adds which fault there was, or that there was none.
void note(const char* name, const Fault& fault, u64 index = 0);

/// Says everything noted since the last call, in lines of "@value PRIVILEGE NAME-INDEX=VALUE…".
void say_all(const char* privilege);
/// The value noted last under `name` and `index` since then, for what is known beforehand; a value
/// that cannot be where there is none.
u64 noted(const char* name, u64 index = 0);
/// The value that stands for a fault.
constexpr u64 fault_value(u32 number, u64 error = 0) {
    return u64{0xF} << 60 | u64{number} << 32 | error;
}

// The observations, each at the privilege of its caller: tables.cpp, flags.cpp, faults.cpp.
void observe_tables();
void observe_selectors();
void observe_flags();
void observe_faults();

// Those of CPL 3 only: privileged.cpp.
void observe_privileged();

// Those of CPL 0 only: steps.cpp.
void observe_single_steps();
void observe_interrupt_windows();

} // namespace cloison::sensitive
