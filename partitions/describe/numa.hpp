// SPDX-License-Identifier: Apache-2.0
// NUMA nodes. Processors, memory and devices must be told apart by one numbering; Linux numbers
// nodes by itself, the firmware's tables have proximity domains.
#pragma once

#include "partitions/describe/acpi.hpp"
#include "partitions/describe/processors.hpp"

#include <map>
#include <optional>
#include <vector>

namespace cloison::describe {

struct Node {
    u32 id = 0;
    std::map<u32, u32> distances; // to each node, itself included; empty where not known
};

struct NodeMemory {
    Extent extent;
    u32 node = 0;
};

struct Numa {
    std::vector<Node> nodes;        // ascending; none where all of the machine is one node
    std::vector<NodeMemory> memory; // of those nodes, as far as known; may be more than is RAM
    bool linux_numbers = false;     // the nodes are Linux's, so that devices' numbers mean them
};

/// Reads /sys/devices/system/node, joins it with the tables and gives each processor its node.
/// Linux's numbers are used, unless it was told to ignore the nodes that the tables list. Throws
/// DescribeError.
Numa read_numa(const Tree& tree, const Acpi& acpi, std::vector<Processor>& processors);

} // namespace cloison::describe
