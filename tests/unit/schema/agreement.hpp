// SPDX-License-Identifier: Apache-2.0
// The two judges of a file's shape, the parser and the schema, and where they may differ.
#pragma once

#include "partitions/xml/vocabulary.hpp"

#include <map>
#include <string>
#include <vector>

namespace cloison::test {

/// Texts by name.
using Files = std::map<std::string, std::string>;

struct Agreement {
    unsigned good = 0;     // files that both accept
    unsigned bad = 0;      // that both refuse
    unsigned excepted = 0; // that the parser alone refuses, as the schema's leading comment says
    std::vector<std::string> differences; // a sentence about each other file
};

/// Has files judged by the parser and by xmllint, with the schema of `root` in configs/schema.
Agreement judge(const Files& files, const xml::ElementRule& root);

} // namespace cloison::test
