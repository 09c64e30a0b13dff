// SPDX-License-Identifier: Apache-2.0
// The vocabularies of our files printed for others: as XML schemas for editors and as tables for
// docs/layout-language.md. Both are printed from the tables that the parser itself goes by, so that
// they know no other language than `cloison check` does.
#pragma once

#include "partitions/xml/vocabulary.hpp"

#include <span>
#include <string>

namespace cloison::schema {

/// The kinds of files that there are; each is called as its root element is.
std::span<const xml::ElementRule* const> vocabularies();

/// XML Schema 1.0 of the files whose root element is `root`. It accepts what the parser accepts,
/// but for what its leading comment names.
std::string to_xsd(const xml::ElementRule& root);

/// The same for people: a section of Markdown for each element, at heading level 3.
std::string to_markdown(const xml::ElementRule& root);

} // namespace cloison::schema
