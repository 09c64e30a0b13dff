// SPDX-License-Identifier: Apache-2.0
// MSR bitmaps (SDM vol. 3C, 25.6.9). Two serve all partitions: which registers a guest may reach
// without an exit depends only on whether the CPU virtualises its x2APIC.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::vtx {

/// Fills both bitmaps; once, before any virtual CPU starts.
void initialise_msr_bitmaps(bool has_rdtscp);

u64 msr_bitmap_address(bool x2apic_virtualized);

} // namespace cloison::vtx
