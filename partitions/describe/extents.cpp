// SPDX-License-Identifier: Apache-2.0
#include "partitions/describe/extents.hpp"

#include <algorithm>

namespace cloison::describe {

namespace {

void by_address(std::vector<Extent>& extents) {
    std::sort(extents.begin(), extents.end(),
              [](const Extent& a, const Extent& b) { return a.base < b.base; });
}

/// Appends [base, end), joining it to the last range where they touch.
void append(std::vector<Extent>& extents, u64 base, u64 end) {
    if (end <= base)
        return;
    if (!extents.empty() && extents.back().end() >= base)
        extents.back().size = std::max(extents.back().end(), end) - extents.back().base;
    else
        extents.push_back({base, end - base});
}

} // namespace

std::vector<Extent> subtract(std::vector<Extent> from, std::vector<Extent> what) {
    by_address(from);
    by_address(what);
    std::vector<Extent> left;
    u64 done = 0; // everything below is settled
    for (const Extent& range : from) {
        u64 at = std::max(range.base, done);
        for (const Extent& taken : what) {
            if (taken.base >= range.end())
                break;
            if (taken.end() <= at)
                continue;
            if (taken.base > at)
                left.push_back({at, taken.base - at});
            at = taken.end();
        }
        if (at < range.end())
            left.push_back({at, range.end() - at});
        done = std::max(done, range.end());
    }
    return left;
}

std::vector<Extent> pages_inside(const std::vector<Extent>& ranges) {
    std::vector<Extent> pages;
    for (const Extent& range : ranges)
        append(pages, round_up(range.base, page_size), round_down(range.end(), page_size));
    return pages;
}

std::vector<Extent> pages_touched(const std::vector<Extent>& ranges) {
    std::vector<Extent> pages;
    for (const Extent& range : ranges)
        append(pages, round_down(range.base, page_size), round_up(range.end(), page_size));
    return pages;
}

} // namespace cloison::describe
