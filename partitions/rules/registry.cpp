// SPDX-License-Identifier: Apache-2.0
#include "partitions/rules/registry.hpp"
#include "firmware/abi/rule_sentences.hpp"

#include <algorithm>
#include <set>

namespace cloison {

std::vector<RuleText> firmware_rules() {
    std::set<std::string_view> shared;
    for (const RuleGroup& group : rule_groups())
        for (const RuleText& rule : group.rules)
            shared.insert(rule.id);
    std::vector<RuleText> rules;
    for (u32 number = 1;; ++number) {
        auto rule = static_cast<abi::Rule>(number);
        std::string_view id = abi::rule_name(rule);
        if (id == abi::rule_name(static_cast<abi::Rule>(~u32{0})))
            return rules;
        if (!shared.contains(id))
            rules.push_back({id, Severity::error, abi::rule_sentence(rule), {}});
    }
}

std::optional<RuleText> find_rule(std::string_view id) {
    for (const RuleGroup& group : rule_groups())
        for (const RuleText& rule : group.rules)
            if (rule.id == id)
                return rule;
    for (const RuleText& rule : firmware_rules())
        if (rule.id == id)
            return rule;
    return std::nullopt;
}

std::vector<std::string_view> rule_ids() {
    std::vector<std::string_view> ids;
    for (const RuleGroup& group : rule_groups())
        for (const RuleText& rule : group.rules)
            ids.push_back(rule.id);
    for (const RuleText& rule : firmware_rules())
        ids.push_back(rule.id);
    std::sort(ids.begin(), ids.end());
    return ids;
}

} // namespace cloison
