// SPDX-License-Identifier: Apache-2.0
// How a device reaches the memory of its guest: by guest address, range by range, never beyond.
#pragma once

#include "firmware/abi/types.hpp"

#include <array>
#include <concepts>
#include <span>

namespace cloison::io {

/// `at(guest, size)`, size not 0: the bytes [guest, guest + size) of the guest, or an empty span
/// where not all of them are memory, or not one piece of it here. The guest may write them at any
/// time.
template <typename M>
concept GuestMemory = requires(const M& memory, u64 guest, u64 size) {
    { memory.at(guest, size) } -> std::same_as<std::span<u8>>;
};

/// A guest's memory that is mapped here in a few pieces.
class GuestRegions {
  public:
    static constexpr u32 max_regions = 32;

    /// False, and nothing added, when there is no room, the region is empty or wraps, or it
    /// overlaps another.
    [[nodiscard]] bool add(u64 guest, std::span<u8> bytes) {
        Extent extent{guest, bytes.size()};
        if (count_ == max_regions || extent.empty() || !extent.sane())
            return false;
        for (const Region& other : regions())
            if (other.extent.overlaps(extent))
                return false;
        regions_[count_++] = {extent, bytes.data()};
        return true;
    }
    void clear() { count_ = 0; }
    [[nodiscard]] bool empty() const { return count_ == 0; }

    /// See GuestMemory. A range that crosses the end of a region is refused, also where another
    /// region goes on there: their bytes need not touch here.
    [[nodiscard]] std::span<u8> at(u64 guest, u64 size) const {
        Extent wanted{guest, size};
        for (const Region& region : regions())
            if (!wanted.empty() && region.extent.contains(wanted))
                return {region.bytes + (guest - region.extent.base), static_cast<usize>(size)};
        return {};
    }

  private:
    struct Region {
        Extent extent;
        u8* bytes = nullptr;
    };

    [[nodiscard]] std::span<const Region> regions() const {
        return std::span(regions_).first(count_);
    }

    std::array<Region, max_regions> regions_{};
    u32 count_ = 0;
};

static_assert(GuestMemory<GuestRegions>);

} // namespace cloison::io
