// SPDX-License-Identifier: Apache-2.0
// What partitions get of things that are shared: ways of the last-level cache, Ethernet addresses.
// `plan.partitions` has one entry for each of the layout.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/plan.hpp"
#include "partitions/platform/platform.hpp"

namespace cloison {

/// Fills PlannedPartition::cache_mask: ways that follow each other, from the lowest.
void plan_cache(const Layout& layout, const Platform& platform, Plan& plan, Diagnostics& findings);

/// Fills PlannedPartition::macs, making those that the layout does not give.
void plan_macs(const Layout& layout, Plan& plan, Diagnostics& findings);

} // namespace cloison
