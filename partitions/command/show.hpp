// SPDX-License-Identifier: Apache-2.0
// A plan as people and programs read it.
#pragma once

#include "partitions/compile.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cloison::command {

/// Tables for a terminal of 80 characters; those that would be empty are left out.
std::string plan_text(const CompiledLayout& compiled);

/// One object with everything in it.
std::string plan_json(const CompiledLayout& compiled);

struct BudgetLine {
    std::string_view name; // in JSON
    std::string_view text;
    u64 bytes;
};

/// Where the RAM goes; all lines together are all RAM.
std::vector<BudgetLine> budget_lines(const MemoryBudget& budget);

} // namespace cloison::command
