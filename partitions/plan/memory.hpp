// SPDX-License-Identifier: Apache-2.0
// Gives each partition its memory, in whole 2 MiB pages, and accounts for every byte of RAM.
//
// Few and large blocks are what counts: a block on a 1 GiB boundary is mapped by 1 GiB pages, which
// saves page tables and TLB misses. So the largest partition chooses first, and each takes the
// smallest free range that holds it in one block. A partition that no range holds is put together
// from several, largest first: what is free is never refused for its shape.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/plan.hpp"
#include "partitions/platform/platform.hpp"

#include <optional>
#include <vector>

namespace cloison {

/// Ranges of free RAM in whole 2 MiB pages, by ascending address.
class FreeMemory {
  public:
    /// What `ram` leaves outside `taken`, in whole 2 MiB pages.
    FreeMemory(const std::vector<Extent>& ram, const std::vector<Extent>& taken);

    [[nodiscard]] u64 size() const;
    [[nodiscard]] const std::vector<Extent>& ranges() const { return ranges_; }

    /// Takes `size` bytes at a multiple of `alignment` from the smallest range that has them; none
    /// when no range has. Both are multiples of 2 MiB.
    std::optional<u64> take_one(u64 size, u64 alignment);
    /// Takes `size` bytes in as few blocks as possible; size() must be enough.
    std::vector<Extent> take_pieces(u64 size);

  private:
    std::vector<Extent> ranges_;
};

/// Fills PlannedPartition::memory and Plan::budget but for firmware_used. Expects Plan's ram,
/// firmware and staging, and one entry in `plan.partitions` for each of the layout.
void plan_memory(const Layout& layout, const Platform& platform, Plan& plan, Diagnostics& findings);

} // namespace cloison
