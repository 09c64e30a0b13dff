// SPDX-License-Identifier: Apache-2.0
// Who gives what to whom: devices, those who have them, what these serve, and their clients. Where
// a column would have too many boxes, those of one kind become one.
#pragma once

#include "partitions/compile.hpp"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cloison::picture {

struct Node {
    std::string kind;               // what things like it are called, in the singular
    std::string name, remark;       // two lines
    std::optional<usize> partition; // whose colour it has
    std::set<usize> from;           // nodes of the column before
    std::string tip;                // all that is in it
};

/// Columns from left to right.
struct Graph {
    enum Column : usize { devices, owners, services, clients, columns };
    std::array<std::vector<Node>, columns> column;

    [[nodiscard]] bool empty() const;
};

Graph make_graph(const CompiledLayout& compiled);

} // namespace cloison::picture
