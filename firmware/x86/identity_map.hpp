// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::x86 {

/// Extends the 4 GiB that boot.S mapped to 512 GiB, where the CPU has 1 GiB pages. Addresses stay
/// physical.
void map_all_memory();

/// First address that is not mapped.
u64 mapped_end();

} // namespace cloison::x86
