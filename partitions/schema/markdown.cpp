// SPDX-License-Identifier: Apache-2.0
#include "partitions/schema/element_types.hpp"
#include "partitions/schema/markdown_text.hpp"
#include "partitions/schema/schema.hpp"
#include "partitions/schema/value_types.hpp"

#include <algorithm>

namespace cloison::schema {

using xml::AttributeRule;
using xml::ElementRule;

namespace {

std::string code(std::string_view name) {
    return "`<" + std::string(name) + ">`";
}

/// Whose words they are, for headings that differ: "a layout".
struct Vocabulary {
    std::string_view root;
    std::vector<ElementType> types;
};

/// "memory in a layout", or "disk in workload" where there are two of the name; `open` and
/// `close` are around names of elements.
std::string title(const ElementType& type, const Vocabulary& words, std::string_view open,
                  std::string_view close) {
    auto name = [&](std::string_view element) {
        return std::string(open).append(element).append(close);
    };
    std::string own = name(type.rule->name);
    if (type.rule->name == words.root)
        return own;
    bool another = type.name != type.rule->name;
    return own + " in " +
           (another ? name(type.places.front().parent->name) : "a " + std::string(words.root));
}

/// A link to the element's section: an anchor is the heading with '-' for spaces, and without
/// anything else but letters, digits and '-'.
std::string link(const ElementType& type, const Vocabulary& words) {
    std::string anchor = title(type, words, "", "");
    std::replace(anchor.begin(), anchor.end(), ' ', '-');
    return "[" + code(type.rule->name) + "](#" + anchor + ")";
}

/// Where it stands and what it is: "In `<partition>` at most once: its CPUs."
std::string sentence(const ElementType& type) {
    std::string text;
    std::string_view said;
    for (const Place& place : type.places) {
        if (place.parent == nullptr)
            return "The file's element: " + markdown_of(place.rule->meaning) + ".\n";
        if (!said.empty() && said != place.rule->meaning)
            text += ": " + markdown_of(said) + ". ";
        text += (text.empty() || said != place.rule->meaning ? "In " : ", in ") +
                code(place.parent->name) + " " + std::string(how_often(place.rule->occurs));
        said = place.rule->meaning;
    }
    return text + ": " + markdown_of(said) + ".\n";
}

std::string children(const ElementRule& rule, const Vocabulary& words) {
    std::string text;
    for (const ElementRule& child : rule.children)
        text += (text.empty() ? "\nInside: " : ",\n") + link(type_of(child, words.types), words) +
                " " + std::string(how_often(child.occurs));
    return text.empty() ? "" : text + ".\n";
}

std::string attributes(const ElementRule& rule) {
    if (rule.attributes.empty())
        return "";
    std::string text = "\n| attribute | needed | value | meaning |\n|---|---|---|---|\n";
    for (const AttributeRule& attribute : rule.attributes)
        text += "| `" + std::string(attribute.name) + "` | " + (attribute.required ? "yes" : "") +
                " | " + value_type(attribute).phrase + " | " + markdown_of(attribute.meaning) +
                " |\n";
    return text;
}

} // namespace

std::string to_markdown(const ElementRule& root) {
    Vocabulary words{root.name, element_types(root)};
    std::string text;
    for (const ElementType& type : words.types)
        text += (text.empty() ? "### " : "\n### ") + title(type, words, "`<", ">`") + "\n\n" +
                sentence(type) + attributes(*type.rule) + children(*type.rule, words);
    return text;
}

} // namespace cloison::schema
