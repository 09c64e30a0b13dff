// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/shares.hpp"
#include "partitions/xml/values.hpp"

namespace cloison {

using xml::quote;

void plan_cache(const Layout& layout, const Platform& platform, Plan& plan, Diagnostics& findings) {
    u32 next = 0, classes = 1; // the first class is that of everybody else
    for (usize i = 0; i < layout.partitions.size(); ++i) {
        const Security& security = layout.partitions[i].security;
        if (security.cache_ways == 0)
            continue;
        if (!platform.cache) {
            findings.error(security.where, "cache-allocation",
                           "platform " + quote(platform.name) +
                               " has no cache whose ways can be allocated",
                           "leave cache-ways out, or add <cache/> to the platform if it has one");
            return;
        }
        ++classes;
        if (next + security.cache_ways >= platform.cache->ways) {
            findings.error(
                security.where, "cache-ways",
                quote(layout.partitions[i].name) + " wants " + std::to_string(security.cache_ways) +
                    " ways, " + std::to_string(platform.cache->ways - next - 1) + " of " +
                    std::to_string(platform.cache->ways) + " are left, one being everybody else's",
                "ask for fewer ways, here or in another partition");
            continue;
        }
        plan.partitions[i].cache_mask = ((u64{1} << security.cache_ways) - 1) << next;
        next += security.cache_ways;
        if (classes == platform.cache->classes + 1)
            findings.error(security.where, "cache-ways",
                           "the cache has " + std::to_string(platform.cache->classes) +
                               " classes, one of them everybody else's",
                           "give fewer partitions ways of their own");
    }
}

} // namespace cloison
