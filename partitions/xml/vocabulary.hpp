// SPDX-License-Identifier: Apache-2.0
// The words of a file format as tables, and the check that a document keeps to them. What is not in
// the tables is an error: a misspelt element that is quietly ignored is a machine divided otherwise
// than its owner wrote.
#pragma once

#include "firmware/abi/types.hpp"
#include "partitions/result/diagnostic.hpp"

#include <span>
#include <string>
#include <string_view>

namespace tinyxml2 {
class XMLElement;
}

namespace cloison::xml {

struct AttributeRule {
    std::string_view name;
    bool required = false;
};

/// How often an element may occur inside its parent.
enum class Occurs { once, at_most_once, any_number };

struct ElementRule {
    std::string_view name;
    Occurs occurs = Occurs::once;
    std::span<const AttributeRule> attributes;
    std::span<const ElementRule> children;
};

/// Reports everything in `element` that `rule` does not allow or that it asks for in vain. Does not
/// look at values, nor inside elements that it does not know.
void check_vocabulary(const tinyxml2::XMLElement& element, const ElementRule& rule,
                      const std::string& file, Diagnostics& findings);

} // namespace cloison::xml
