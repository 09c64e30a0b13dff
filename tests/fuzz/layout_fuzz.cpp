// SPDX-License-Identifier: Apache-2.0
// Any bytes as a layout or as a platform: the reader must end, touch no memory of others, and
// either say what is wrong or give values that keep its promises.
#include "firmware/abi/manifest.hpp"
#include "partitions/layout/layout.hpp"
#include "partitions/platform/memory_map.hpp"
#include "partitions/platform/platform.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace {

using namespace cloison;

void require(bool condition) {
    if (!condition)
        std::abort();
}

void check_findings(const Diagnostics& findings, std::string_view text) {
    auto lines = std::count(text.begin(), text.end(), '\n') + 1;
    for (const Diagnostic& finding : findings.list()) {
        require(finding.where.line >= 0 && finding.where.line <= lines);
        require(!finding.rule.empty() && !finding.message.empty());
        require(finding.message.find('\0') == std::string::npos);
    }
}

void check_layout(const Layout& layout) {
    std::set<std::string> names;
    require(!layout.partitions.empty() && layout.partitions.size() <= abi::max_partitions);
    for (const LayoutPartition& partition : layout.partitions) {
        require(names.insert(partition.name).second && !partition.name.empty());
        require(partition.name.size() < abi::name_size);
        require(partition.memory.desired != 0 && partition.memory.desired % large_page_size == 0);
        require(partition.processors.desired != 0 && !partition.boot.kernel.empty());
    }
}

void check_platform(const Platform& platform) {
    require(!platform.processors.empty());
    auto ram = usable_ram(platform);
    for (usize i = 1; i < ram.size(); ++i)
        require(ram[i - 1].end() < ram[i].base);
    auto holds = [](const Extent& inner) {
        return [&](const Extent& range) { return range.contains(inner); };
    };
    require(std::any_of(ram.begin(), ram.end(), holds(platform.firmware.extent)));
    require(std::any_of(ram.begin(), ram.end(), holds(platform.staging.extent)));
    require(!platform.firmware.extent.overlaps(platform.staging.extent));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    Diagnostics of_layout, of_platform;
    auto layout = parse_layout(text, "fuzz", of_layout);
    require(layout || of_layout.errors() != 0);
    if (of_layout.errors() == 0)
        check_layout(*layout);
    check_findings(of_layout, text);
    auto platform = parse_platform(text, "fuzz", of_platform);
    require(platform || of_platform.errors() != 0);
    if (of_platform.errors() == 0)
        check_platform(*platform);
    check_findings(of_platform, text);
    return 0;
}
