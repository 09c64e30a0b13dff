// SPDX-License-Identifier: Apache-2.0
// Every rule that a finding can name: what it stands for, how grave it is, and what to do. The
// tests hold the findings against it, `cloison explain` and docs/rules.md are printed from it.
#pragma once

#include "partitions/result/diagnostic.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cloison {

struct RuleText {
    std::string_view id;
    Severity severity = Severity::error;
    std::string_view sentence; // when and why it is broken
    std::string_view remedy;
};

struct RuleGroup {
    std::string_view title;
    std::span<const RuleText> rules;
};

/// The rules of `cloison check`, by subject.
std::span<const RuleGroup> rule_groups();

/// Those that only the firmware can see broken, since they are about the machine.
std::vector<RuleText> firmware_rules();

/// The rule with this ID, of either kind.
std::optional<RuleText> find_rule(std::string_view id);

/// All IDs in alphabetical order.
std::vector<std::string_view> rule_ids();

} // namespace cloison
