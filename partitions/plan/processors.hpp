// SPDX-License-Identifier: Apache-2.0
// Gives each partition its CPUs: those it names first, then the lowest free APIC IDs in the
// layout's order.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/plan.hpp"
#include "partitions/platform/platform.hpp"

namespace cloison {

/// Fills PlannedPartition::apic_ids; `plan.partitions` has one entry for each of the layout.
void plan_processors(const Layout& layout, const Platform& platform, Plan& plan,
                     Diagnostics& findings);

} // namespace cloison
