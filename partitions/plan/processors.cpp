// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/processors.hpp"
#include "partitions/xml/values.hpp"

#include <map>

namespace cloison {

namespace {

/// Free CPUs have no owner.
struct Owner {
    const LayoutPartition* partition = nullptr;
    int line = 0;
};
using Owners = std::map<u32, Owner>; // by APIC ID

std::string in_platform(const Platform& platform) {
    return "platform '" + platform.name + "' (" + platform.where.file + ")";
}

/// Takes one CPU that the layout names; true when it was there to be had.
bool take_pinned(const LayoutPartition& partition, const PinnedCpu& cpu, const Platform& platform,
                 Owners& owners, Diagnostics& findings) {
    auto found = owners.find(cpu.apic_id);
    if (found == owners.end()) {
        findings.error(cpu.where, "cpu-unknown",
                       in_platform(platform) + " has no CPU with APIC ID " +
                           std::to_string(cpu.apic_id));
        return false;
    }
    Owner& owner = found->second;
    if (owner.partition != nullptr) {
        findings.error(cpu.where, "cpu-double-use",
                       "CPU " + std::to_string(cpu.apic_id) + " is given twice, first to " +
                           xml::quote(owner.partition->name) + " in line " +
                           std::to_string(owner.line),
                       "a dedicated CPU belongs to one virtual CPU");
        return false;
    }
    owner = {&partition, cpu.where.line};
    return true;
}

} // namespace

void plan_processors(const Layout& layout, const Platform& platform, Plan& plan,
                     Diagnostics& findings) {
    Owners owners;
    for (const PlatformProcessor& processor : platform.processors)
        owners.emplace(processor.apic_id, Owner{});
    usize free = owners.size();
    for (usize i = 0; i < layout.partitions.size(); ++i) {
        for (const PinnedCpu& cpu : layout.partitions[i].processors.pinned) {
            if (!take_pinned(layout.partitions[i], cpu, platform, owners, findings))
                continue;
            plan.partitions[i].apic_ids.push_back(cpu.apic_id);
            --free;
        }
    }
    auto next = owners.begin();
    for (usize i = 0; i < layout.partitions.size(); ++i) {
        const LayoutPartition& partition = layout.partitions[i];
        u32 wanted = partition.processors.pinned.empty() ? partition.processors.desired : 0;
        if (wanted > free) {
            findings.error(partition.processors.where, "cpu-shortage",
                           xml::quote(partition.name) + " wants " + std::to_string(wanted) +
                               " CPUs, " + std::to_string(free) + " of " +
                               std::to_string(owners.size()) + " are left on " +
                               in_platform(platform),
                           "ask for fewer CPUs, here or in another partition");
            continue;
        }
        free -= wanted;
        for (; wanted > 0; ++next) {
            if (next->second.partition != nullptr)
                continue;
            next->second = {&partition, partition.processors.where.line};
            plan.partitions[i].apic_ids.push_back(next->first);
            --wanted;
        }
    }
}

} // namespace cloison
