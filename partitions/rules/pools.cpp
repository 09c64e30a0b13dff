// SPDX-License-Identifier: Apache-2.0
#include "partitions/rules/rules.hpp"
#include "partitions/xml/values.hpp"

#include <map>
#include <set>

namespace cloison {

void check_pools(const Layout& layout, Diagnostics& findings) {
    std::map<std::string_view, u64> entitled; // hundredths of a CPU
    std::set<std::string_view> used;
    for (const Pool& pool : layout.pools)
        entitled.emplace(pool.name, 0);
    for (const LayoutPartition& partition : layout.partitions) {
        const ProcessorsWanted& wanted = partition.processors();
        used.insert(wanted.pool);
        if (!partition.shares() || wanted.pool.empty())
            continue;
        auto pool = entitled.find(wanted.pool);
        if (pool == entitled.end())
            findings.error(wanted.pool_where, "pool-unknown",
                           "there is no pool " + xml::quote(wanted.pool),
                           "add a <pool> element to the layout");
        else
            pool->second += wanted.entitlement;
    }
    for (const Pool& pool : layout.pools) {
        u64 sum = entitled[pool.name];
        if (sum > u64{100} * pool.desired)
            findings.error(pool.where, "pool-overcommitted",
                           "the entitlements on pool " + xml::quote(pool.name) + " are " +
                               xml::format_decimal(sum) + " CPUs together, it has " +
                               std::to_string(pool.desired),
                           "an entitlement is a promise: lower some, or enlarge the pool");
        if (!used.contains(pool.name))
            findings.warning(pool.where, "unused",
                             "no partition uses the pool " + xml::quote(pool.name),
                             "leave it out: its CPUs would idle");
    }
}

} // namespace cloison
