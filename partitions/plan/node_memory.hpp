// SPDX-License-Identifier: Apache-2.0
// The free memory of all nodes, asked from one of them.
#pragma once

#include "partitions/plan/free_memory.hpp"
#include "partitions/platform/platform.hpp"

namespace cloison {

class NodeMemory {
  public:
    /// All addresses, for those who do not care.
    static constexpr Extent anywhere{0, ~u64{0}};

    /// The platform's RAM without what is in `taken`.
    NodeMemory(const Platform& platform, const std::vector<Extent>& taken);

    [[nodiscard]] u64 size() const;
    [[nodiscard]] u64 size_in(u64 page, const Extent& window) const;
    /// Takes this very memory; false when some of it is not free.
    bool take_at(const Extent& extent);
    /// Takes `size` bytes for CPUs on `home`, in pages of `page` bytes, inside `window`: from the
    /// nearest node that has all of it, else from several. None when there is not so much.
    /// `wanted_alignment` is kept where it costs nothing.
    std::vector<Extent> take(u64 size, u32 home, u64 page, u64 wanted_alignment,
                             const Extent& window);
    /// Whether the range is memory of the node.
    [[nodiscard]] bool on_node(u64 address, u32 node) const;

  private:
    struct Node {
        u32 id;
        std::vector<Extent> ram;
        FreeMemory free;
    };
    [[nodiscard]] std::vector<Node*> nearest(u32 home);

    const Platform& platform_;
    std::vector<Node> nodes_; // by number
};

} // namespace cloison
