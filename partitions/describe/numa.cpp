// SPDX-License-Identifier: Apache-2.0
#include "partitions/describe/numa.hpp"

#include "partitions/describe/error.hpp"
#include "partitions/describe/values.hpp"

#include <algorithm>
#include <set>

namespace cloison::describe {

namespace {

constexpr const char* node_folder = "/sys/devices/system/node/";
// ACPI 6.5, 5.2.17: 10 is local, less is reserved, 255 is not reachable; the platform language has
// no word for the last.
constexpr u64 least_distance = 10, most_distance = 254, unreachable = 255;
constexpr usize most_nodes = 256; // of a platform

/// The N of each "nodeN" in a folder, ascending.
std::vector<u32> nodes_in(const Tree& tree, const std::string& folder) {
    std::vector<u32> nodes;
    for (const std::string& name : tree.list(folder))
        if (auto node = number_of(name, "node"))
            nodes.push_back(*node);
    std::sort(nodes.begin(), nodes.end());
    return nodes;
}

std::set<u32> domains_of(const Srat& srat) {
    std::set<u32> domains;
    for (const auto& [apic_id, domain] : srat.domains)
        domains.insert(domain);
    for (const DomainMemory& memory : srat.memory)
        domains.insert(memory.domain);
    return domains;
}

/// A node's file "distance" has a number for each node that is there, in their order.
Node linux_node(const Tree& tree, u32 id, const std::vector<u32>& all) {
    Node node{id, {}};
    std::string path = node_folder + ("node" + std::to_string(id)) + "/distance";
    auto text = tree.read(path);
    if (!text)
        return node;
    auto numbers = words(*text);
    if (numbers.size() != all.size())
        throw DescribeError(tree.name(path) + ": has " + std::to_string(numbers.size()) +
                            " distances for " + std::to_string(all.size()) + " nodes");
    for (usize i = 0; i < all.size(); ++i) {
        auto distance = parse_number(numbers[i], unreachable);
        if (!distance || *distance < least_distance)
            throw DescribeError(tree.name(path) + ": " + shown(numbers[i]) + " is not a distance");
        node.distances[all[i]] = static_cast<u32>(std::min(*distance, most_distance));
    }
    return node;
}

/// The tables' nodes: for a Linux that was told numa=off, or one without NUMA. Proximity domains
/// may have any numbers, nodes are numbered from 0 in the domains' order.
Numa from_tables(const Acpi& acpi, const std::set<u32>& domains,
                 std::vector<Processor>& processors) {
    Numa numa;
    std::map<u32, u32> node_of;
    for (u32 domain : domains)
        node_of.emplace(domain, static_cast<u32>(node_of.size()));
    for (auto [from, id] : node_of) {
        Node node{id, {}};
        for (auto [to, to_id] : node_of)
            if (from < acpi.slit.domains && to < acpi.slit.domains)
                node.distances[to_id] = static_cast<u32>(
                    std::clamp<u64>(acpi.slit.distances[usize{from} * acpi.slit.domains + to],
                                    least_distance, most_distance));
        numa.nodes.push_back(std::move(node));
    }
    for (Processor& processor : processors)
        if (auto domain = acpi.srat.domains.find(processor.apic_id);
            domain != acpi.srat.domains.end())
            processor.node = node_of.at(domain->second);
    for (const DomainMemory& memory : acpi.srat.memory)
        numa.memory.push_back({memory.extent, node_of.at(memory.domain)});
    return numa;
}

/// Linux's numbering. A domain is the node that one of its CPUs is in; one without a CPU keeps its
/// number where no other domain has that node.
std::map<u32, u32> nodes_of_domains(const Srat& srat, const std::set<u32>& domains,
                                    const std::vector<u32>& nodes,
                                    const std::vector<Processor>& processors) {
    std::map<u32, u32> node_of;
    std::set<u32> taken;
    for (const Processor& processor : processors) {
        auto domain = srat.domains.find(processor.apic_id);
        if (!processor.node || domain == srat.domains.end())
            continue;
        node_of.emplace(domain->second, *processor.node);
        taken.insert(*processor.node);
    }
    for (u32 domain : domains)
        if (std::binary_search(nodes.begin(), nodes.end(), domain) && !taken.contains(domain))
            node_of.emplace(domain, domain);
    return node_of;
}

Numa from_linux(const Tree& tree, const Acpi& acpi, const std::set<u32>& domains,
                const std::vector<u32>& nodes, std::vector<Processor>& processors) {
    Numa numa;
    numa.linux_numbers = true;
    for (u32 id : nodes)
        numa.nodes.push_back(linux_node(tree, id, nodes));
    for (Processor& processor : processors) {
        if (!processor.started)
            continue;
        auto in =
            nodes_in(tree, "/sys/devices/system/cpu/cpu" + std::to_string(*processor.linux_number));
        if (in.size() == 1 && std::binary_search(nodes.begin(), nodes.end(), in[0]))
            processor.node = in[0];
    }
    auto node_of = nodes_of_domains(acpi.srat, domains, nodes, processors);
    for (Processor& processor : processors) {
        auto domain = acpi.srat.domains.find(processor.apic_id);
        if (!processor.node && domain != acpi.srat.domains.end() &&
            node_of.contains(domain->second))
            processor.node = node_of.at(domain->second);
    }
    for (const DomainMemory& memory : acpi.srat.memory)
        if (auto node = node_of.find(memory.domain); node != node_of.end())
            numa.memory.push_back({memory.extent, node->second});
    return numa;
}

} // namespace

Numa read_numa(const Tree& tree, const Acpi& acpi, std::vector<Processor>& processors) {
    std::vector<u32> nodes = nodes_in(tree, node_folder);
    std::set<u32> domains = domains_of(acpi.srat);
    if (std::max(nodes.size(), domains.size()) > most_nodes)
        throw DescribeError("the machine has more than " + std::to_string(most_nodes) +
                            " NUMA nodes");
    if (nodes.size() > 1)
        return from_linux(tree, acpi, domains, nodes, processors);
    if (domains.size() > 1)
        return from_tables(acpi, domains, processors);
    return {};
}

} // namespace cloison::describe
