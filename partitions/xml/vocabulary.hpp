// SPDX-License-Identifier: Apache-2.0
// The words of a file format as tables, and the check that a document keeps to them. What is not in
// the tables is an error: a misspelt element that is quietly ignored is a machine divided otherwise
// than its owner wrote. The XML schema (partitions/schema) is printed from the same tables, so that
// an editor and `cloison check` know the same language.
#pragma once

#include "firmware/abi/types.hpp"
#include "partitions/result/diagnostic.hpp"
#include "partitions/xml/source.hpp"

#include <span>
#include <string_view>

namespace tinyxml2 {
class XMLElement;
}

namespace cloison::xml {

/// What the value of an attribute must look like (partitions/xml/values.hpp has the forms).
enum class Kind {
    text,        // anything
    path,        // anything but nothing
    name,        // [a-z][a-z0-9-]*, at most 31 characters
    keyword,     // one of `words`
    size,        // 256MiB
    address,     // 0x100000 or 1MiB
    integer,     // from `least` to `most`
    hexadecimal, // 0x8086, from `least` to `most`
    decimal,     // hundredths: 0.25
    rate,        // events a second: 500/s
    bandwidth,   // 1Gbit/s
    duration,    // 250ms
    mac,         // 02:00:00:00:00:01
    pci,         // 0000:00:1f.2
    sha256,      // 64 hexadecimal digits
};

struct AttributeRule {
    std::string_view name;
    Kind kind = Kind::text;
    bool required = false;
    u64 least = 0;
    u64 most = ~u64{0};
    std::span<const std::string_view> words = {};
    std::string_view meaning = {}; // one phrase, for the schema and the documentation
};

/// How often an element may occur inside its parent.
enum class Occurs { once, at_most_once, any_number };

struct ElementRule {
    std::string_view name;
    Occurs occurs = Occurs::once;
    std::span<const AttributeRule> attributes = {};
    std::span<const ElementRule> children = {};
    std::string_view meaning = {}; // one phrase
};

/// The rule of that name; null when there is none.
template <typename Rule>
const Rule* find_rule(std::span<const Rule> rules, std::string_view name) {
    for (const Rule& rule : rules)
        if (rule.name == name)
            return &rule;
    return nullptr;
}

/// Reports everything in `element` that `rule` does not allow or that it asks for in vain: words,
/// their number, and the form of values. Does not look inside elements that it does not know.
void check_vocabulary(const tinyxml2::XMLElement& element, const ElementRule& rule,
                      const Source& source, Diagnostics& findings);

} // namespace cloison::xml
