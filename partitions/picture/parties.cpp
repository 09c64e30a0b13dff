// SPDX-License-Identifier: Apache-2.0
#include "partitions/picture/parties.hpp"
#include "partitions/picture/style.hpp"
#include "partitions/picture/text_width.hpp"

namespace cloison::picture {

Parties::Parties(const CompiledLayout& compiled) {
    constexpr usize fewest_alike = 40;
    const Layout& layout = compiled.layout;
    bool few = layout.partitions.size() < fewest_alike;
    for (usize i = 0; i < layout.partitions.size(); ++i)
        partitions_.push_back(
            {layout.partitions[i].name, std::to_string(i + 1), partition_paint(i), false, few});
    for (usize i = 0; i < layout.pools.size(); ++i)
        pools_.push_back(
            {layout.pools[i].name, "P" + std::to_string(i + 1), pool_paint(i), true, few});
    for (usize i = 0; i < partitions_.size(); ++i)
        for (u32 apic_id : compiled.plan.partitions[i].apic_ids)
            cpus_.emplace(apic_id, &partitions_[i]);
    for (usize i = 0; i < pools_.size(); ++i)
        for (u32 apic_id : compiled.plan.pools[i])
            cpus_.emplace(apic_id, &pools_[i]);
}

const Party* Parties::owner(u32 apic_id) const {
    auto found = cpus_.find(apic_id);
    return found == cpus_.end() ? nullptr : found->second;
}

std::string label(const Party& party, double width, double size) {
    std::string name = (party.pool ? "pool " : "") + party.name;
    std::string fitting = fit(name, width, size);
    if (!fitting.empty() && (party.shortened || fitting == name))
        return fitting;
    return text_width(party.tag, size) <= width ? party.tag : "";
}

} // namespace cloison::picture
