// SPDX-License-Identifier: Apache-2.0
// Gives pools and partitions their CPUs: first those they name, then what they desire. Where the
// machine has not so much, each gets its minimum, then what it desires beyond that. Partitions come
// in the order of their activation, then in the layout's.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/plan.hpp"
#include "partitions/platform/platform.hpp"

namespace cloison {

/// Fills Plan::pools and PlannedPartition::apic_ids; `plan.partitions` has one entry for each of
/// the layout.
void plan_processors(const Layout& layout, const Platform& platform, Plan& plan,
                     Diagnostics& findings);

/// The layout's partitions, as indices, in the order of their activation.
std::vector<usize> by_activation(const Layout& layout);

} // namespace cloison
