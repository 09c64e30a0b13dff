// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/memory.hpp"
#include "partitions/plan/processors.hpp"
#include "partitions/platform/memory_map.hpp"
#include "partitions/rules/rules.hpp"
#include "partitions/xml/values.hpp"

namespace cloison {

namespace {

using xml::quote;

std::string name_of(const LayoutPartition& partition, const Profile& profile) {
    return "profile " + quote(profile.name) + " of " + quote(partition.name);
}

/// The profile on an otherwise empty machine.
void check_alone(const Layout& layout, const LayoutPartition& partition, usize profile,
                 const Platform& platform, const Plan& plan, Diagnostics& findings) {
    Layout alone;
    alone.where = layout.where;
    alone.pools = layout.pools;
    alone.partitions = {partition};
    alone.partitions[0].active = profile;
    Plan bound;
    bound.ram = plan.ram;
    bound.firmware = plan.firmware;
    bound.staging = plan.staging;
    bound.partitions.resize(1);
    Diagnostics own;
    plan_processors(alone, platform, bound, own);
    plan_memory(alone, platform, bound, own);
    check_pools(alone, own);
    for (const Diagnostic& finding : own.list())
        if (finding.severity == Severity::error)
            findings.error(finding.where, finding.rule,
                           name_of(partition, partition.profiles[profile]) + ": " + finding.message,
                           finding.remedy);
}

/// The profile with the others as they are.
void check_beside(const LayoutPartition& partition, const PlannedPartition& planned,
                  const Profile& profile, usize free_cpus, const Plan& plan,
                  Diagnostics& findings) {
    bool dedicated = profile.processors.mode == ProcessorMode::dedicated;
    u64 cpus = dedicated ? profile.processors.minimum : 0;
    bool cpus_fit = cpus <= planned.apic_ids.size() + free_cpus;
    bool memory_fits = profile.memory.minimum <= planned.memory_size() + plan.budget.free;
    if (!cpus_fit || !memory_fits)
        findings.warning(profile.where, "profile-fit",
                         name_of(partition, profile) +
                             " does not fit beside the others: it needs " +
                             (cpus_fit ? xml::format_size(profile.memory.minimum)
                                       : std::to_string(cpus) + " CPUs"),
                         "it can be activated when others are stopped, or smaller");
}

} // namespace

void check_profiles(const Layout& layout, const Platform& platform, const Plan& plan,
                    Diagnostics& findings) {
    usize free_cpus = platform.processors.size();
    for (const auto& pool : plan.pools)
        free_cpus -= pool.size();
    for (const PlannedPartition& planned : plan.partitions)
        free_cpus -= planned.apic_ids.size();
    for (usize i = 0; i < layout.partitions.size(); ++i) {
        const LayoutPartition& partition = layout.partitions[i];
        for (usize p = 0; p < partition.profiles.size(); ++p) {
            if (p == partition.active)
                continue;
            usize before = findings.errors();
            check_alone(layout, partition, p, platform, plan, findings);
            if (findings.errors() == before)
                check_beside(partition, plan.partitions[i], partition.profiles[p], free_cpus, plan,
                             findings);
        }
    }
}

} // namespace cloison
