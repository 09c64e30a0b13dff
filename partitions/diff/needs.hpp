// SPDX-License-Identifier: Apache-2.0
// What each kind of change takes to come into effect, and why: one table.
#pragma once

#include <span>
#include <string_view>

namespace cloison::diff {

enum class Needs { nothing, partitions, machine };

struct NeedRule {
    std::string_view id;
    Needs needs;
    std::string_view reason;
};

/// The whole table.
std::span<const NeedRule> need_rules();

/// The rule with this ID, which is one of the table's.
const NeedRule& need_rule(std::string_view id);

std::string_view needs_name(Needs needs);

} // namespace cloison::diff
