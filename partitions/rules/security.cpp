// SPDX-License-Identifier: Apache-2.0
#include "partitions/rules/rules.hpp"
#include "partitions/xml/values.hpp"

#include <map>
#include <set>
#include <tuple>

namespace cloison {

using xml::quote;

void check_siblings(const Layout& layout, const Platform& platform, const Plan& plan,
                    Diagnostics& findings) {
    std::map<u32, std::tuple<u32, u32>> cores; // by APIC ID
    for (const PlatformProcessor& processor : platform.processors)
        cores.emplace(processor.apic_id, std::tuple(processor.package, processor.core));
    std::map<std::tuple<u32, u32>, usize> owners;
    std::set<std::pair<usize, usize>> said;
    auto exclusive = [&](usize i) {
        return layout.partitions[i].security.siblings == Siblings::exclusive; // planned so, or said
    };
    for (usize i = 0; i < plan.partitions.size(); ++i) {
        for (u32 apic_id : plan.partitions[i].apic_ids) {
            auto core = cores.find(apic_id);
            if (core == cores.end())
                continue;
            auto [first, fresh] = owners.emplace(core->second, i);
            if (fresh || first->second == i || exclusive(i) || exclusive(first->second) ||
                !said.emplace(first->second, i).second)
                continue;
            findings.warning(layout.partitions[i].processors().where, "siblings-shared",
                             quote(layout.partitions[i].name) + " and " +
                                 quote(layout.partitions[first->second].name) +
                                 " run on threads of one core, where each can measure what the "
                                 "other does",
                             "write <security siblings=\"exclusive\"/> where that matters");
        }
    }
}

} // namespace cloison
