// SPDX-License-Identifier: Apache-2.0
// The free memory of one NUMA node, in whole 2 MiB pages.
#pragma once

#include "firmware/abi/types.hpp"

#include <optional>
#include <vector>

namespace cloison {

/// `ranges` without `hole`.
std::vector<Extent> without(const std::vector<Extent>& ranges, const Extent& hole);

/// Ranges of free RAM by ascending address.
class FreeMemory {
  public:
    /// What `ram` leaves outside `taken`, in whole 2 MiB pages.
    FreeMemory(const std::vector<Extent>& ram, const std::vector<Extent>& taken);

    [[nodiscard]] u64 size() const;
    /// Bytes that can be had in pages of `page` bytes at addresses inside `window`.
    [[nodiscard]] u64 size_in(u64 page, const Extent& window) const;
    [[nodiscard]] const std::vector<Extent>& ranges() const { return ranges_; }

    /// Takes this very memory; false when some of it is not free.
    bool take_at(const Extent& extent);
    /// Takes `size` bytes at a multiple of `alignment` inside `window` from the smallest range that
    /// has them; none when no range has. Size and alignment are multiples of 2 MiB.
    std::optional<u64> take_one(u64 size, u64 alignment, const Extent& window);
    /// Takes `size` bytes in as few blocks of whole pages as possible; size_in(page, window) must
    /// be enough.
    std::vector<Extent> take_pieces(u64 size, u64 page, const Extent& window);

  private:
    std::vector<Extent> ranges_;
};

} // namespace cloison
