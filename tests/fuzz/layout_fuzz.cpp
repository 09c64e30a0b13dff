// SPDX-License-Identifier: Apache-2.0
// Any bytes as a layout or as a platform: the reader must end, touch no memory of others, and
// either say what is wrong or give values that keep its promises.
#include "firmware/abi/manifest.hpp"
#include "partitions/layout/layout.hpp"
#include "partitions/plan/memory.hpp"
#include "partitions/plan/processors.hpp"
#include "partitions/plan/shares.hpp"
#include "partitions/platform/memory_map.hpp"
#include "partitions/platform/platform.hpp"
#include "partitions/rules/rules.hpp"

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

void check_profile(const Profile& profile) {
    const ProcessorsWanted& cpus = profile.processors;
    const MemoryWanted& memory = profile.memory;
    require(cpus.minimum != 0 && cpus.minimum <= cpus.desired && cpus.desired <= cpus.maximum);
    require(memory.minimum != 0 && memory.minimum <= memory.desired);
    require(memory.desired <= memory.maximum);
    require(memory.desired % large_page_size == 0 && memory.desired % memory.page_size == 0);
    if (cpus.mode == ProcessorMode::shared)
        require(cpus.entitlement != 0 && cpus.entitlement <= u64{100} * cpus.desired);
}

void check_layout(const Layout& layout) {
    std::set<std::string> names;
    require(!layout.partitions.empty() && layout.partitions.size() <= abi::max_partitions);
    for (const LayoutPartition& partition : layout.partitions) {
        require(names.insert(partition.name).second && !partition.name.empty());
        require(partition.name.size() < abi::name_size);
        require(partition.active < partition.profiles.size());
        for (const Profile& profile : partition.profiles)
            check_profile(profile);
        require(!partition.boot.kernel.empty());
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

/// The rules stand any layout, also one with errors.
void check_rules(const Layout& layout, Diagnostics& findings) {
    check_meaning(layout, findings);
    report_not_yet(layout, findings);
}

/// A machine with a little of everything.
Platform some_platform() {
    Platform platform;
    for (u32 id = 0; id < 8; ++id)
        platform.processors.push_back({{}, id, id / 4, id % 4 / 2, id % 2, id / 4});
    platform.nodes = {{{}, 0, {{1, 21}}}, {{}, 1, {{0, 21}}}};
    platform.ram = {{{}, {mib, 2 * gib}, 0}, {{}, {4 * gib, 8 * gib}, 1}};
    platform.devices.resize(2);
    platform.devices[1].address = 0x0200;
    platform.serials = {{{}, 0x3F8, 4}, {{}, 0x2F8, 3}};
    platform.cache = PlatformCache{{}, 11, 4, 0};
    platform.firmware.extent = {2 * mib, 4 * mib};
    platform.staging.extent = {64 * mib, 64 * mib};
    return platform;
}

/// The planner too; what it places is nobody else's.
void check_plan(const Layout& layout) {
    static const Platform platform = some_platform();
    Diagnostics findings;
    Plan plan;
    plan.ram = usable_ram(platform);
    plan.firmware = platform.firmware.extent;
    plan.staging = platform.staging.extent;
    plan.partitions.resize(layout.partitions.size());
    check_owned_devices(layout, platform, findings);
    plan_processors(layout, platform, plan, findings);
    plan_memory(layout, platform, plan, findings);
    plan_cache(layout, platform, plan, findings);
    plan_macs(layout, plan, findings);
    check_siblings(layout, platform, plan, findings);
    check_profiles(layout, platform, plan, findings);
    std::set<u32> cpus;
    std::vector<Extent> taken{plan.firmware, plan.staging};
    for (const PlannedPartition& partition : plan.partitions) {
        for (u32 apic_id : partition.apic_ids)
            require(cpus.insert(apic_id).second);
        for (const PlannedMemory& memory : partition.memory)
            taken.push_back({memory.host, memory.size});
    }
    std::sort(taken.begin(), taken.end(),
              [](const Extent& a, const Extent& b) { return a.base < b.base; });
    for (usize i = 1; i < taken.size(); ++i)
        require(!taken[i].overlaps(taken[i - 1]));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    Diagnostics of_layout, of_platform;
    auto layout = parse_layout(text, "fuzz", of_layout);
    require(layout || of_layout.errors() != 0);
    if (of_layout.errors() == 0)
        check_layout(*layout);
    if (of_layout.errors() == 0 && layout->partitions.size() <= 16) // that is enough to be clever
        check_plan(*layout);
    if (layout)
        check_rules(*layout, of_layout);
    check_findings(of_layout, text);
    auto platform = parse_platform(text, "fuzz", of_platform);
    require(platform || of_platform.errors() != 0);
    if (of_platform.errors() == 0)
        check_platform(*platform);
    check_findings(of_platform, text);
    return 0;
}
