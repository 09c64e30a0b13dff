// SPDX-License-Identifier: Apache-2.0
// What a machine lacks, for people and for programs.
#pragma once

#include "partitions/describe/machine.hpp"

#include <string>
#include <vector>

namespace cloison::describe {

/// A line that sums up, what is lacking or not known, what is there, and what cannot be known from
/// here.
std::string to_text(const std::vector<Item>& items, const std::string& name);

/// The same as one JSON object: name, fit, items. `xml`: the platform file, empty where it went to
/// a file of its own.
std::string to_json(const std::vector<Item>& items, const std::string& name,
                    const std::string& xml);

} // namespace cloison::describe
