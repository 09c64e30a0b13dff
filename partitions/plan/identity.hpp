// SPDX-License-Identifier: Apache-2.0
// Memory of partitions whose devices do DMA with nothing to translate for them: the addresses that
// the guest tells its devices are those of the machine.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/node_memory.hpp"
#include "partitions/plan/plan.hpp"

namespace cloison {

/// Whether the partition's guest addresses must be the machine's: it owns a device that does DMA,
/// and there is no IOMMU to translate for it.
bool needs_identity(const LayoutPartition& partition, const Platform& platform);

/// Takes `size` bytes at the machine's own addresses, but for the first 2 MiB: Linux, from 5.13 on,
/// uses the first MiB for nothing but starting CPUs, and the second is reserved. None, with a
/// finding, when there is not so much where both a guest and the machine have RAM, or a device
/// could not reach it.
std::vector<PlannedMemory> take_identity(const LayoutPartition& partition, const Platform& platform,
                                         u64 size, u32 home, NodeMemory& free,
                                         Diagnostics& findings);

/// The partition's <at> elements at the machine's own addresses: the first is its first 2 MiB, the
/// others are where a guest has RAM. None, with a finding, where they are otherwise.
std::vector<PlannedMemory> pin_identity(const LayoutPartition& partition, const Platform& platform,
                                        Diagnostics& findings);

} // namespace cloison
