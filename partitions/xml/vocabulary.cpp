// SPDX-License-Identifier: Apache-2.0
#include "partitions/xml/vocabulary.hpp"
#include "partitions/xml/nearest.hpp"
#include "partitions/xml/values.hpp"

#include <tinyxml2.h>

#include <algorithm>
#include <vector>

namespace cloison::xml {

namespace {

std::string tag(std::string_view name) {
    return "<" + std::string(name) + ">";
}

template <typename Rule>
std::vector<std::string_view> names_of(std::span<const Rule> rules) {
    std::vector<std::string_view> names;
    for (const Rule& rule : rules)
        names.push_back(rule.name);
    return names;
}

void check_attributes(const tinyxml2::XMLElement& element, const ElementRule& rule,
                      const std::string& file, Diagnostics& findings) {
    auto known = names_of(rule.attributes);
    for (const auto* a = element.FirstAttribute(); a != nullptr; a = a->Next()) {
        if (std::find(known.begin(), known.end(), a->Name()) == known.end())
            findings.error({file, a->GetLineNum()}, "attribute-unknown",
                           "unknown attribute " + quote(a->Name()) + " of " + tag(rule.name),
                           did_you_mean(a->Name(), known));
    }
    for (const AttributeRule& wanted : rule.attributes) {
        if (wanted.required && element.FindAttribute(std::string(wanted.name).c_str()) == nullptr)
            findings.error({file, element.GetLineNum()}, "attribute-missing",
                           tag(rule.name) + " lacks the attribute '" + std::string(wanted.name) +
                               "'");
    }
}

/// Handles one child; `seen` counts the known ones by their position in rule.children.
void check_child(const tinyxml2::XMLNode& node, const ElementRule& rule, std::vector<u32>& seen,
                 const std::string& file, Diagnostics& findings) {
    Location where{file, node.GetLineNum()};
    const auto* child = node.ToElement();
    if (child == nullptr) {
        if (node.ToComment() == nullptr)
            findings.error(where, "xml-text", "text inside " + tag(rule.name),
                           "values are written as attributes, remarks as <!-- comments -->");
        return;
    }
    const auto* known =
        std::find_if(rule.children.data(), rule.children.data() + rule.children.size(),
                     [&](const ElementRule& r) { return r.name == child->Name(); });
    if (known == rule.children.data() + rule.children.size()) {
        findings.error(where, "element-unknown",
                       "unknown element " + quote(child->Name()) + " inside " + tag(rule.name),
                       did_you_mean(child->Name(), names_of(rule.children)));
        return;
    }
    if (++seen[static_cast<usize>(known - rule.children.data())] > 1 &&
        known->occurs != Occurs::any_number)
        findings.error(where, "element-repeated",
                       "more than one " + tag(known->name) + " inside " + tag(rule.name),
                       "keep one of them");
    check_vocabulary(*child, *known, file, findings);
}

} // namespace

void check_vocabulary(const tinyxml2::XMLElement& element, const ElementRule& rule,
                      const std::string& file, Diagnostics& findings) {
    check_attributes(element, rule, file, findings);
    std::vector<u32> seen(rule.children.size());
    for (const auto* node = element.FirstChild(); node != nullptr; node = node->NextSibling())
        check_child(*node, rule, seen, file, findings);
    for (usize i = 0; i < seen.size(); ++i) {
        if (seen[i] == 0 && rule.children[i].occurs == Occurs::once)
            findings.error({file, element.GetLineNum()}, "element-missing",
                           tag(rule.name) + " lacks the element " + tag(rule.children[i].name));
    }
}

} // namespace cloison::xml
