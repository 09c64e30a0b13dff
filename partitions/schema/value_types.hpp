// SPDX-License-Identifier: Apache-2.0
// What each kind of value looks like (partitions/xml/values.hpp), as a simple type of XML Schema
// and as a phrase for people.
#pragma once

#include "partitions/xml/vocabulary.hpp"

#include <string>
#include <vector>

namespace cloison::schema {

/// A condition of a simple type, such as {"pattern", "[0-9]+"}.
struct Facet {
    std::string name;
    std::string value;
};

struct ValueType {
    std::string name; // the same for values of the same form, and for no others
    std::string base; // the built-in type that it restricts
    std::vector<Facet> facets;
    std::string phrase;  // what one writes: "a size"
    std::string example; // a value of the kind; empty where the phrase says it all
};

/// The type of the values of `rule`.
ValueType value_type(const xml::AttributeRule& rule);

/// The pattern of hexadecimal numbers from 0 to `most`, 0x before them.
std::string hexadecimal_up_to(u64 most);

} // namespace cloison::schema
