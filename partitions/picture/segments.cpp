// SPDX-License-Identifier: Apache-2.0
#include "partitions/picture/segments.hpp"
#include "partitions/platform/memory_map.hpp"

#include <algorithm>
#include <map>

namespace cloison::picture {

namespace {

std::vector<Segment> taken(const CompiledLayout& compiled) {
    std::vector<Segment> all{{{0, mib}, Use::rest},
                             {compiled.plan.firmware, Use::firmware},
                             {compiled.plan.staging, Use::staging}};
    for (usize i = 0; i < compiled.plan.partitions.size(); ++i)
        for (const PlannedMemory& block : compiled.plan.partitions[i].memory)
            all.push_back({{block.host, block.size}, Use::partition, i, block.guest});
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return a.extent.base < b.extent.base; });
    return all;
}

/// What nobody has: whole pages of 2 MiB could be given out, the rest could not.
void add_free(Range& range, u64 from, u64 to) {
    u64 first = std::min(round_up(from, large_page_size), to);
    u64 last = std::max(round_down(to, large_page_size), first);
    if (first > from)
        range.push_back({{from, first - from}, Use::rest});
    if (last > first)
        range.push_back({{first, last - first}, Use::free});
    if (to > last)
        range.push_back({{last, to - last}, Use::rest});
}

Range cut(const Extent& ram, const std::vector<Segment>& all) {
    Range range;
    u64 at = ram.base;
    auto first = std::partition_point(all.begin(), all.end(), [&](const Segment& segment) {
        return segment.extent.end() <= ram.base;
    });
    for (auto it = first; it != all.end() && it->extent.base < ram.end(); ++it) {
        u64 from = std::max(it->extent.base, ram.base);
        u64 to = std::min(it->extent.end(), ram.end());
        add_free(range, at, from);
        range.push_back(
            {{from, to - from}, it->use, it->partition, it->guest + (from - it->extent.base)});
        at = to;
    }
    add_free(range, at, ram.end());
    return range;
}

} // namespace

u64 NodeRam::size() const {
    u64 total = 0;
    for (const Range& range : ranges)
        total += range.back().extent.end() - range.front().extent.base;
    return total;
}

u64 NodeRam::size_of(Use use) const {
    u64 total = 0;
    for (const Range& range : ranges)
        for (const Segment& segment : range)
            total += segment.use == use ? segment.extent.size : 0;
    return total;
}

std::vector<NodeRam> cut_memory(const CompiledLayout& compiled) {
    std::map<u32, Platform> by_node; // its RAM alone
    for (const PlatformRange& range : compiled.platform.ram)
        by_node[range.node].ram.push_back(range);
    auto all = taken(compiled);
    std::vector<NodeRam> nodes;
    for (const auto& [node, part] : by_node) {
        NodeRam one{node, {}};
        for (const Extent& ram : usable_ram(part))
            one.ranges.push_back(cut(ram, all));
        if (!one.ranges.empty())
            nodes.push_back(std::move(one));
    }
    return nodes;
}

} // namespace cloison::picture
