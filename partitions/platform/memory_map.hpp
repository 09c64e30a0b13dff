// SPDX-License-Identifier: Apache-2.0
// The RAM of a platform, and whether the regions that its owner set aside lie in it.
#pragma once

#include "partitions/platform/platform.hpp"

#include <vector>

namespace cloison {

/// The platform's RAM in whole 4 KiB pages: ascending, adjoining ranges joined, empty ones dropped.
/// Expects ranges that do not overlap.
std::vector<Extent> usable_ram(const Platform& platform);

/// Reports RAM ranges that overlap, and a firmware or staging region that is misplaced.
void check_memory_map(const Platform& platform, Diagnostics& findings);

} // namespace cloison
