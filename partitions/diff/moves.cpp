// SPDX-License-Identifier: Apache-2.0
#include "partitions/diff/moves.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison::diff {

namespace {

bool has(const std::vector<u32>& ids, u32 id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Who has the CPU; "nobody" where it is there and free.
std::string holder_of_cpu(u32 id, const CompiledLayout& after) {
    for (usize i = 0; i < after.layout.partitions.size(); ++i)
        if (has(after.plan.partitions[i].apic_ids, id))
            return after.layout.partitions[i].name;
    for (usize i = 0; i < after.layout.pools.size(); ++i)
        if (has(after.plan.pools[i], id))
            return "pool " + after.layout.pools[i].name;
    return {};
}

std::string holder_of_extent(const Extent& extent, const CompiledLayout& after,
                             const std::string& name) {
    if (extent.overlaps(after.plan.firmware))
        return "the firmware";
    if (extent.overlaps(after.plan.staging))
        return "the staging area";
    for (usize i = 0; i < after.layout.partitions.size(); ++i)
        for (const PlannedMemory& block : after.plan.partitions[i].memory)
            if (extent.overlaps({block.host, block.size}) &&
                after.layout.partitions[i].name != name)
                return after.layout.partitions[i].name;
    return {};
}

} // namespace

std::string holder_of_cpus(const std::vector<u32>& apic_ids, const CompiledLayout& after,
                           const std::string& name) {
    for (u32 id : apic_ids) {
        bool exists =
            std::any_of(after.platform.processors.begin(), after.platform.processors.end(),
                        [&](const PlatformProcessor& p) { return p.apic_id == id; });
        if (!exists)
            return "the platform has no CPU " + std::to_string(id) + " any more";
        std::string holder = holder_of_cpu(id, after);
        if (!holder.empty() && holder != name)
            return holder + " has CPU " + std::to_string(id) + " now";
    }
    return {};
}

std::string holder_of_memory(const std::vector<PlannedMemory>& memory, const CompiledLayout& after,
                             const std::string& name) {
    for (const PlannedMemory& block : memory) {
        Extent extent{block.host, block.size};
        std::string holder = holder_of_extent(extent, after, name);
        if (!holder.empty())
            return holder + " has memory at " + xml::format_hex(block.host) + " now";
        if (std::none_of(after.plan.ram.begin(), after.plan.ram.end(),
                         [&](const Extent& ram) { return ram.contains(extent); }))
            return "the platform has no RAM there any more";
    }
    return {};
}

std::string in_words(const std::vector<u32>& apic_ids) {
    std::string text;
    for (u32 id : apic_ids)
        text += (text.empty() ? "" : " ") + std::to_string(id);
    return text;
}

std::string places(const std::vector<PlannedMemory>& memory) {
    std::string text;
    for (const PlannedMemory& block : memory)
        text += (text.empty() ? "" : ", ") + xml::format_hex(block.host) + "+" +
                xml::format_size(block.size);
    return text;
}

} // namespace cloison::diff
