// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/manifest.hpp"
#include "partitions/platform/check.hpp"

#include <map>
#include <set>
#include <tuple>

namespace cloison {

namespace {

void check_processors(const Platform& platform, Diagnostics& findings) {
    if (platform.processors.empty())
        findings.error(platform.where, "platform-processors", "the platform has no processor",
                       "add a <processor apic-id=\"0\"/> for each of its CPUs");
    if (platform.processors.size() > abi::max_cpus)
        findings.error(platform.where, "platform-processors",
                       "more than " + std::to_string(abi::max_cpus) + " processors");
    std::map<u32, int> ids;
    std::map<std::tuple<u32, u32, u32>, u32> threads;
    for (const PlatformProcessor& processor : platform.processors) {
        auto [first, fresh] = ids.emplace(processor.apic_id, processor.where.line);
        if (!fresh) {
            findings.error(processor.where, "apic-id-duplicate",
                           "a second processor with APIC ID " + std::to_string(processor.apic_id) +
                               ", the first is in line " + std::to_string(first->second));
            continue;
        }
        auto [other, alone] = threads.emplace(
            std::tuple(processor.package, processor.core, processor.thread), processor.apic_id);
        if (!alone)
            findings.error(processor.where, "processor-topology",
                           "CPUs " + std::to_string(other->second) + " and " +
                               std::to_string(processor.apic_id) +
                               " are the same thread of the same core",
                           "give them different package, core or thread");
    }
}

void check_nodes(const Platform& platform, Diagnostics& findings) {
    std::set<u32> nodes;
    for (const PlatformNode& node : platform.nodes)
        if (!nodes.insert(node.id).second)
            findings.error(node.where, "node-unknown", "a second node " + std::to_string(node.id),
                           "give each its own number");
    if (nodes.empty())
        nodes.insert(0);
    auto check = [&](const Location& where, u32 node) {
        if (!nodes.contains(node))
            findings.error(where, "node-unknown",
                           "there is no <node id=\"" + std::to_string(node) + "\"/>",
                           "add it, or correct the number");
    };
    for (const PlatformProcessor& processor : platform.processors)
        check(processor.where, processor.node);
    for (const PlatformRange& ram : platform.ram)
        check(ram.where, ram.node);
    for (const PlatformDevice& device : platform.devices)
        check(device.where, device.node);
    for (const PlatformNode& node : platform.nodes)
        for (auto [to, distance] : node.distances)
            check(node.where, to);
}

} // namespace

void check_topology(const Platform& platform, Diagnostics& findings) {
    check_processors(platform, findings);
    check_nodes(platform, findings);
}

} // namespace cloison
