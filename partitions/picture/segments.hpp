// SPDX-License-Identifier: Apache-2.0
// The RAM of each NUMA node, cut where its owner changes.
#pragma once

#include "partitions/compile.hpp"

#include <vector>

namespace cloison::picture {

enum class Use { partition, firmware, staging, rest, free };

struct Segment {
    Extent extent;
    Use use = Use::free;
    usize partition = 0; // index, where it is one's
    u64 guest = 0;       // address of its first byte for the partition
};

/// A range of RAM: its segments adjoin each other.
using Range = std::vector<Segment>;

struct NodeRam {
    u32 node = 0;
    std::vector<Range> ranges; // by address

    [[nodiscard]] u64 size() const;
    [[nodiscard]] u64 size_of(Use use) const;
};

/// All RAM of the platform by node.
std::vector<NodeRam> cut_memory(const CompiledLayout& compiled);

} // namespace cloison::picture
