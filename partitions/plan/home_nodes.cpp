// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/home_nodes.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison {

using xml::quote;

HomeNodes::HomeNodes(const Platform& platform, const Plan& plan)
    : platform_(platform),
      plan_(plan) {
    for (const PlatformProcessor& processor : platform.processors)
        node_of_cpu_.emplace(processor.apic_id, processor.node);
}

std::map<u32, usize> HomeNodes::cpus_by_node(usize partition) const {
    std::map<u32, usize> cpus;
    for (u32 apic_id : plan_.partitions[partition].apic_ids)
        ++cpus[node_of_cpu_.at(apic_id)];
    return cpus;
}

u32 HomeNodes::home(usize partition) const {
    auto cpus = cpus_by_node(partition);
    auto most = std::max_element(cpus.begin(), cpus.end(),
                                 [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == cpus.end() ? 0 : most->first;
}

void HomeNodes::advise(const Layout& layout, const NodeMemory& memory,
                       Diagnostics& findings) const {
    if (platform_.nodes.size() < 2)
        return;
    for (usize i = 0; i < layout.partitions.size(); ++i) {
        const LayoutPartition& partition = layout.partitions[i];
        auto cpus = cpus_by_node(i);
        if (cpus.size() > 1)
            findings.warning(partition.processors().where, "numa-split",
                             "the CPUs of " + quote(partition.name) + " are on several NUMA nodes",
                             "ask for no more CPUs than a node has left, or name them");
        u32 own = home(i);
        u64 far = 0;
        for (const PlannedMemory& block : plan_.partitions[i].memory)
            far += memory.on_node(block.host, own) ? 0 : block.size;
        if (far != 0 && !cpus.empty())
            findings.warning(partition.memory().where, "numa-distance",
                             xml::format_size(far) + " of " + quote(partition.name) +
                                 " are not on the NUMA node of its CPUs",
                             "ask for less memory, or name CPUs of another node");
    }
}

} // namespace cloison
