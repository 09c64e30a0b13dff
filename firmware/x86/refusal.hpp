// SPDX-License-Identifier: Apache-2.0
// The two ways in which a boot ends before any guest runs.
#pragma once

#include "firmware/abi/rules.hpp"

namespace cloison::x86 {

/// Says that nothing more will happen, and stops this CPU.
[[noreturn]] void halt();

/// Says which rule is broken, and by whom, then halts.
[[noreturn]] void refuse(const abi::Verdict& verdict);

} // namespace cloison::x86
