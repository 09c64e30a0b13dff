// SPDX-License-Identifier: Apache-2.0
#include "partitions/schema/element_types.hpp"

#include <algorithm>

namespace cloison::schema {

using xml::ElementRule;
using xml::Occurs;

namespace {

/// Mentions of one element share the tables of what is in it.
bool same(const ElementRule& a, const ElementRule& b) {
    return a.name == b.name && a.attributes.data() == b.attributes.data() &&
           a.children.data() == b.children.data();
}

ElementType* find(std::vector<ElementType>& types, const ElementRule& rule) {
    auto found = std::find_if(types.begin(), types.end(),
                              [&](const ElementType& type) { return same(*type.rule, rule); });
    return found == types.end() ? nullptr : &*found;
}

std::string fresh_name(const std::vector<ElementType>& types, const ElementRule& rule,
                       const ElementRule* parent) {
    std::string name(rule.name);
    bool taken = std::any_of(types.begin(), types.end(),
                             [&](const ElementType& type) { return type.name == name; });
    return taken && parent != nullptr ? std::string(parent->name) + "-" + name : name;
}

void collect(const ElementRule& rule, const ElementRule* parent, std::vector<ElementType>& types) {
    if (ElementType* known = find(types, rule); known != nullptr) {
        known->places.push_back({parent, &rule});
        return;
    }
    types.push_back({fresh_name(types, rule, parent), &rule, {{parent, &rule}}});
    for (const ElementRule& child : rule.children)
        collect(child, &rule, types);
}

} // namespace

std::vector<ElementType> element_types(const ElementRule& root) {
    std::vector<ElementType> types;
    collect(root, nullptr, types);
    return types;
}

const ElementType& type_of(const ElementRule& rule, const std::vector<ElementType>& types) {
    return *std::find_if(types.begin(), types.end(),
                         [&](const ElementType& type) { return same(*type.rule, rule); });
}

bool can_count(const ElementRule& rule) {
    return std::none_of(rule.children.begin(), rule.children.end(), [](const ElementRule& child) {
        return child.occurs == Occurs::any_number;
    });
}

std::string_view how_often(Occurs occurs) {
    return occurs == Occurs::once           ? "once"
           : occurs == Occurs::at_most_once ? "at most once"
                                            : "any number";
}

} // namespace cloison::schema
