// SPDX-License-Identifier: Apache-2.0
#include "partitions/platform/memory_map.hpp"
#include "firmware/abi/manifest.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison {

namespace {

std::vector<PlatformRange> by_address(std::vector<PlatformRange> ranges) {
    std::sort(ranges.begin(), ranges.end(), [](const PlatformRange& a, const PlatformRange& b) {
        return a.extent.base < b.extent.base;
    });
    return ranges;
}

void check_ram(const Platform& platform, Diagnostics& findings) {
    auto ranges = by_address(platform.ram);
    for (usize i = 1; i < ranges.size(); ++i) {
        if (ranges[i - 1].extent.overlaps(ranges[i].extent))
            findings.error(ranges[i].where, "ram-overlap",
                           "this RAM overlaps the RAM in line " +
                               std::to_string(ranges[i - 1].where.line));
    }
    if (ranges.empty())
        findings.error(platform.where, "platform-ram", "the platform has no RAM",
                       "add a <ram base=\"…\" size=\"…\"/> for each usable range of its E820 map");
    if (ranges.size() > abi::max_ram_ranges)
        findings.error(platform.where, "platform-ram",
                       "more than " + std::to_string(abi::max_ram_ranges) + " ranges of RAM");
}

/// One of the two regions set aside: not empty, aligned, inside RAM.
void check_region(const PlatformRange& region, const char* name, u64 alignment,
                  const std::vector<Extent>& ram, Diagnostics& findings) {
    std::string subject = std::string("the ") + name + " region ";
    const Extent& extent = region.extent;
    auto holds = [&](const Extent& range) { return range.contains(extent); };
    if (extent.empty() || extent.base % alignment != 0 || extent.size % alignment != 0)
        findings.error(region.where, "region-alignment",
                       subject + "is not made of whole pages of " + xml::format_size(alignment));
    else if (extent.base < mib || std::none_of(ram.begin(), ram.end(), holds))
        findings.error(region.where, "memory-outside-ram",
                       subject + "is not inside the RAM above 1 MiB",
                       "compare base and size with the <ram/> elements");
}

} // namespace

std::vector<Extent> usable_ram(const Platform& platform) {
    std::vector<Extent> ram;
    for (const PlatformRange& range : by_address(platform.ram)) {
        u64 base = round_up(range.extent.base, page_size);
        u64 end = round_down(range.extent.end(), page_size);
        if (end <= base)
            continue;
        if (!ram.empty() && ram.back().end() == base)
            ram.back().size += end - base;
        else
            ram.push_back({base, end - base});
    }
    return ram;
}

void check_memory_map(const Platform& platform, Diagnostics& findings) {
    usize before = findings.errors();
    check_ram(platform, findings);
    if (findings.errors() != before)
        return;
    std::vector<Extent> ram = usable_ram(platform);
    check_region(platform.firmware, "firmware", large_page_size, ram, findings);
    check_region(platform.staging, "staging", page_size, ram, findings);
    if (platform.firmware.extent.overlaps(platform.staging.extent))
        findings.error(platform.staging.where, "memory-overlap",
                       "the staging region overlaps the firmware region in line " +
                           std::to_string(platform.firmware.where.line));
    u64 sum = 0;
    for (const Extent& range : ram)
        sum += range.size;
    if (platform.machine && sum > platform.machine->memory)
        findings.error(platform.machine->where, "machine-memory",
                       "the <ram/> elements hold " + xml::format_size(sum) +
                           ", the machine has only " + xml::format_size(platform.machine->memory));
}

} // namespace cloison
