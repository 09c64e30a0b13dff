// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "partitions/diff/diff.hpp"

#include <string>
#include <vector>

namespace cloison::command {

/// The changes for a terminal of 80 characters, with a summary at the end.
std::string diff_text(const std::vector<diff::Change>& changes);

} // namespace cloison::command
