// SPDX-License-Identifier: Apache-2.0
// Gives each partition its memory, in whole 2 MiB pages, and accounts for every byte of RAM.
//
// Few and large blocks are what counts: a block on a 1 GiB boundary is mapped by 1 GiB pages, which
// saves page tables and TLB misses. So the largest partition chooses first, and each takes the
// smallest free range of its NUMA node that holds it in one block. A partition that no range holds
// is put together from several, largest first, on the nearest nodes: what is free is never refused
// for its shape.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/plan.hpp"
#include "partitions/platform/platform.hpp"

namespace cloison {

/// Fills PlannedPartition::memory and Plan::budget but for firmware_used. Expects Plan's ram,
/// firmware and staging, and one entry with its CPUs in `plan.partitions` for each of the layout.
void plan_memory(const Layout& layout, const Platform& platform, Plan& plan, Diagnostics& findings);

} // namespace cloison
