// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/free_memory.hpp"

#include <algorithm>

namespace cloison {

namespace {

/// `range` without `hole`: none, one or two ranges.
void append_without(std::vector<Extent>& out, const Extent& range, const Extent& hole) {
    if (!range.overlaps(hole)) {
        out.push_back(range);
        return;
    }
    if (hole.base > range.base)
        out.push_back({range.base, hole.base - range.base});
    if (hole.end() < range.end())
        out.push_back({hole.end(), range.end() - hole.end()});
}

/// The whole pages of `range` inside `window`.
Extent pages_in(const Extent& range, u64 page, const Extent& window) {
    u64 base = round_up(std::max(range.base, window.base), page);
    u64 end = round_down(std::min(range.end(), window.end()), page);
    return base < end ? Extent{base, end - base} : Extent{};
}

} // namespace

std::vector<Extent> without(const std::vector<Extent>& ranges, const Extent& hole) {
    std::vector<Extent> left;
    for (const Extent& range : ranges)
        append_without(left, range, hole);
    return left;
}

FreeMemory::FreeMemory(const std::vector<Extent>& ram, const std::vector<Extent>& taken) {
    std::vector<Extent> left = ram;
    for (const Extent& hole : taken)
        left = without(left, hole);
    for (const Extent& range : left) {
        u64 base = round_up(range.base, large_page_size);
        u64 end = round_down(range.end(), large_page_size);
        if (base < end)
            ranges_.push_back({base, end - base});
    }
}

u64 FreeMemory::size() const {
    u64 total = 0;
    for (const Extent& range : ranges_)
        total += range.size;
    return total;
}

u64 FreeMemory::size_in(u64 page, const Extent& window) const {
    u64 total = 0;
    for (const Extent& range : ranges_)
        total += pages_in(range, page, window).size;
    return total;
}

bool FreeMemory::take_at(const Extent& extent) {
    bool free = std::any_of(ranges_.begin(), ranges_.end(),
                            [&](const Extent& range) { return range.contains(extent); });
    if (free)
        ranges_ = without(ranges_, extent);
    return free;
}

std::optional<u64> FreeMemory::take_one(u64 size, u64 alignment, const Extent& window) {
    const Extent* best = nullptr;
    for (const Extent& range : ranges_) {
        Extent place{round_up(std::max(range.base, window.base), alignment), size};
        if (range.contains(place) && window.contains(place) &&
            (best == nullptr || range.size < best->size))
            best = &range;
    }
    if (best == nullptr)
        return std::nullopt;
    u64 base = round_up(std::max(best->base, window.base), alignment);
    ranges_ = without(ranges_, {base, size});
    return base;
}

std::vector<Extent> FreeMemory::take_pieces(u64 size, u64 page, const Extent& window) {
    std::vector<Extent> pieces;
    while (size != 0) {
        Extent largest;
        for (const Extent& range : ranges_)
            if (Extent pages = pages_in(range, page, window); pages.size > largest.size)
                largest = pages;
        if (largest.size > size) { // the rest fits in one: the smallest that holds it
            pieces.push_back({take_one(size, page, window).value(), size});
            break;
        }
        pieces.push_back(largest);
        size -= largest.size;
        ranges_ = without(ranges_, largest);
    }
    return pieces;
}

} // namespace cloison
