// SPDX-License-Identifier: Apache-2.0
#include "partitions/xml/vocabulary.hpp"
#include "partitions/xml/nearest.hpp"
#include "partitions/xml/values.hpp"

#include <tinyxml2.h>

#include <cstring>
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

/// The attribute's value, with line breaks and tabs as spaces (XML 1.0, 3.3.3), has its form.
void check_value(const tinyxml2::XMLAttribute& attribute, const AttributeRule& rule,
                 const Source& source, Diagnostics& findings) {
    auto parsed = parse_value(normalized(attribute.Value()), rule);
    if (const auto* problem = std::get_if<Problem>(&parsed))
        findings.error(source.at(attribute.Name()), problem->rule,
                       std::string(rule.name) + ": " + problem->message, problem->remedy);
}

void check_attributes(const tinyxml2::XMLElement& element, const ElementRule& rule,
                      const Source& source, Diagnostics& findings) {
    for (const auto* a = element.FirstAttribute(); a != nullptr; a = a->Next()) {
        if (const AttributeRule* known = find_rule(rule.attributes, a->Name()); known != nullptr)
            check_value(*a, *known, source, findings);
        else
            findings.error(source.at(a->Name()), "attribute-unknown",
                           "unknown attribute " + quote(a->Name()) + " of " + tag(rule.name),
                           did_you_mean(a->Name(), names_of(rule.attributes)));
    }
    for (const AttributeRule& wanted : rule.attributes) {
        if (wanted.required && element.FindAttribute(std::string(wanted.name).c_str()) == nullptr)
            findings.error(source.at(element.Name()), "attribute-missing",
                           tag(rule.name) + " lacks the attribute '" + std::string(wanted.name) +
                               "'");
    }
}

/// Text, which belongs nowhere; comments do.
void check_text(const tinyxml2::XMLNode& node, const ElementRule& rule, const Source& source,
                Diagnostics& findings) {
    if (node.ToComment() == nullptr)
        findings.error(source.at(node.Value() + std::strspn(node.Value(), " \t\r\n")), "xml-text",
                       "text inside " + tag(rule.name),
                       "values are written as attributes, remarks as <!-- comments -->");
}

/// Handles one child; `seen` counts the known ones by their position in rule.children.
void check_child(const tinyxml2::XMLNode& node, const ElementRule& rule, std::vector<u32>& seen,
                 const Source& source, Diagnostics& findings) {
    const auto* child = node.ToElement();
    if (child == nullptr) {
        check_text(node, rule, source, findings);
        return;
    }
    Location where = source.at(child->Name());
    const ElementRule* known = find_rule(rule.children, child->Name());
    if (known == nullptr) {
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
    check_vocabulary(*child, *known, source, findings);
}

} // namespace

void check_vocabulary(const tinyxml2::XMLElement& element, const ElementRule& rule,
                      const Source& source, Diagnostics& findings) {
    check_attributes(element, rule, source, findings);
    std::vector<u32> seen(rule.children.size());
    for (const auto* node = element.FirstChild(); node != nullptr; node = node->NextSibling())
        check_child(*node, rule, seen, source, findings);
    for (usize i = 0; i < seen.size(); ++i) {
        if (seen[i] == 0 && rule.children[i].occurs == Occurs::once)
            findings.error(source.at(element.Name()), "element-missing",
                           tag(rule.name) + " lacks the element " + tag(rule.children[i].name));
    }
}

} // namespace cloison::xml
