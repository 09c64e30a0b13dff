// SPDX-License-Identifier: Apache-2.0
// The elements of a vocabulary, each once however often the tables mention it: <processors> is the
// same in a partition and in a profile, <disk> is not the same in a partition and in a workload.
#pragma once

#include "partitions/xml/vocabulary.hpp"

#include <string>
#include <vector>

namespace cloison::schema {

/// Where an element may stand.
struct Place {
    const xml::ElementRule* parent; // null for the root
    const xml::ElementRule* rule;   // as the parent has it: how often, what for
};

struct ElementType {
    std::string name; // of no other: the element's, with its parent's before it where that is taken
    const xml::ElementRule* rule;
    std::vector<Place> places;
};

/// All elements below `root`, itself first, in the order of the tables.
std::vector<ElementType> element_types(const xml::ElementRule& root);

/// The one of `types` that `rule` is a mention of.
const ElementType& type_of(const xml::ElementRule& rule, const std::vector<ElementType>& types);

/// Whether XSD 1.0 can count the element's children without prescribing their order: xs:all does,
/// but only where none may be there more than once.
bool can_count(const xml::ElementRule& rule);

/// "once", "at most once" or "any number".
std::string_view how_often(xml::Occurs occurs);

} // namespace cloison::schema
