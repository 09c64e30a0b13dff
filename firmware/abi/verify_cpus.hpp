// SPDX-License-Identifier: Apache-2.0
// The rules about CPUs: each virtual CPU has a physical one, and has it alone.
//
// Both tables name each other: a virtual CPU its physical CPU, a physical CPU its user. Two virtual
// CPUs on one physical CPU cannot both be the user it names, so one look at each record finds them.
#pragma once

#include "firmware/abi/manifest_view.hpp"
#include "firmware/abi/rules.hpp"

namespace cloison::abi::detail {

/// Index into the processors table of the virtual CPU that `cpu` names as its user; nullopt when it
/// names none that exists. The partitions' runs are sound.
constexpr std::optional<u32> user_of(const ManifestView& m, const PhysicalCpu& cpu) {
    if (cpu.partition >= m.partitions.size())
        return std::nullopt;
    const PartitionRecord& p = m.partitions[cpu.partition];
    if (cpu.virtual_id >= p.processor_count)
        return std::nullopt;
    return p.first_processor + cpu.virtual_id;
}

/// APIC IDs ascend; each CPU's user exists and has it.
constexpr Verdict check_physical_cpus(const ManifestView& m) {
    constexpr u32 broadcast = ~u32{0}; // x2APIC broadcast ID (SDM vol. 3A, 11.12.9)
    for (u32 i = 0; i < m.cpus.size(); ++i) {
        const PhysicalCpu& cpu = m.cpus[i];
        if (i > 0 && cpu.apic_id == m.cpus[i - 1].apic_id)
            return {Rule::apic_id_duplicate, i - 1, i};
        if (cpu.reserved != 0 || (i > 0 && cpu.apic_id < m.cpus[i - 1].apic_id))
            return {Rule::manifest_format, i};
        if (cpu.apic_id == broadcast)
            return {Rule::cpu_unknown, i};
        auto user = user_of(m, cpu);
        bool free = cpu.partition == unassigned && cpu.virtual_id == 0;
        if (!free && (!user || m.processors[*user].cpu != i))
            return {Rule::manifest_format, i};
    }
    return {};
}

/// Each partition has virtual CPUs, each on a CPU that names it as its user.
constexpr Verdict check_processors(const ManifestView& m) {
    for (u32 p = 0; p < m.partitions.size(); ++p) {
        const PartitionRecord& record = m.partitions[p];
        if (record.processor_count == 0)
            return {Rule::cpu_none, p};
        for (u32 id = 0; id < record.processor_count; ++id) {
            u32 self = record.first_processor + id;
            u32 index = m.processors[self].cpu;
            if (index >= m.cpus.size())
                return {Rule::cpu_unknown, self};
            auto user = user_of(m, m.cpus[index]);
            if (!user || m.processors[*user].cpu != index)
                return {Rule::manifest_format, self};
            if (*user != self)
                return {Rule::cpu_double_use, *user, self};
        }
    }
    return {};
}

} // namespace cloison::abi::detail
