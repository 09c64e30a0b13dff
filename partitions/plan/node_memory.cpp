// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/node_memory.hpp"
#include "partitions/platform/memory_map.hpp"

#include <algorithm>
#include <map>

namespace cloison {

NodeMemory::NodeMemory(const Platform& platform, const std::vector<Extent>& taken)
    : platform_(platform) {
    std::map<u32, Platform> by_node; // its RAM alone
    for (const PlatformRange& range : platform.ram)
        by_node[range.node].ram.push_back(range);
    for (const auto& [id, part] : by_node) {
        std::vector<Extent> ram = usable_ram(part);
        nodes_.push_back({id, ram, FreeMemory(ram, taken)});
    }
}

u64 NodeMemory::size() const {
    u64 total = 0;
    for (const Node& node : nodes_)
        total += node.free.size();
    return total;
}

u64 NodeMemory::size_in(u64 page, const Extent& window) const {
    u64 total = 0;
    for (const Node& node : nodes_)
        total += node.free.size_in(page, window);
    return total;
}

bool NodeMemory::take_at(const Extent& extent) {
    return std::any_of(nodes_.begin(), nodes_.end(),
                       [&](Node& node) { return node.free.take_at(extent); });
}

bool NodeMemory::on_node(u64 address, u32 node) const {
    return std::any_of(nodes_.begin(), nodes_.end(), [&](const Node& candidate) {
        return candidate.id == node &&
               std::any_of(candidate.ram.begin(), candidate.ram.end(),
                           [&](const Extent& range) { return range.contains(address); });
    });
}

std::vector<NodeMemory::Node*> NodeMemory::nearest(u32 home) {
    std::vector<Node*> order;
    for (Node& node : nodes_)
        order.push_back(&node);
    std::stable_sort(order.begin(), order.end(), [&](const Node* a, const Node* b) {
        return platform_.distance(home, a->id) < platform_.distance(home, b->id);
    });
    return order;
}

std::vector<Extent> NodeMemory::take(u64 size, u32 home, u64 page, u64 wanted_alignment,
                                     const Extent& window) {
    if (size == 0)
        return {};
    std::vector<Node*> order = nearest(home);
    for (Node* node : order) {
        if (auto base = node->free.take_one(size, std::max(page, wanted_alignment), window))
            return {{*base, size}};
        if (auto base = node->free.take_one(size, page, window))
            return {{*base, size}};
        if (node->free.size_in(page, window) >= size)
            return node->free.take_pieces(size, page, window);
    }
    if (size_in(page, window) < size)
        return {};
    std::vector<Extent> taken;
    for (Node* node : order) {
        u64 part = std::min(size, node->free.size_in(page, window));
        for (const Extent& piece : node->free.take_pieces(part, page, window))
            taken.push_back(piece);
        size -= part;
    }
    return taken;
}

} // namespace cloison
