// SPDX-License-Identifier: Apache-2.0
#include "partitions/xml/reader.hpp"
#include "partitions/xml/values.hpp"

#include <tinyxml2.h>

namespace cloison::xml {

Location Reader::where() const {
    return source_.at(element_.Name());
}

Location Reader::where(const char* attribute) const {
    const auto* found = element_.FindAttribute(attribute);
    return source_.at(found != nullptr ? found->Name() : element_.Name());
}

bool Reader::has(const char* attribute) const {
    return element_.FindAttribute(attribute) != nullptr;
}

std::string Reader::text(const char* attribute) const {
    const char* value = element_.Attribute(attribute);
    return value != nullptr ? normalized(value) : "";
}

u64 Reader::number(const char* attribute) const {
    return number_or(attribute, 0);
}

u64 Reader::number_or(const char* attribute, u64 otherwise) const {
    auto parsed = parse_value(text(attribute), *find_rule(rule_.attributes, attribute));
    const auto* value = std::get_if<u64>(&parsed);
    return value != nullptr && has(attribute) ? *value : otherwise;
}

std::vector<Reader> Reader::children(const char* name) const {
    std::vector<Reader> found;
    const ElementRule& rule = *find_rule(rule_.children, name);
    for (const auto* child = element_.FirstChildElement(name); child != nullptr;
         child = child->NextSiblingElement(name))
        found.emplace_back(*child, rule, source_, findings_);
    return found;
}

std::optional<Reader> Reader::child(const char* name) const {
    auto all = children(name);
    return all.empty() ? std::nullopt : std::optional(all.front());
}

} // namespace cloison::xml
