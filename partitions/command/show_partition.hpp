// SPDX-License-Identifier: Apache-2.0
// What one partition gets, as lines of text.
#pragma once

#include "partitions/compile.hpp"

#include <string>
#include <utility>
#include <vector>

namespace cloison::command {

/// What kind of thing, and which.
using Line = std::pair<std::string, std::string>;

/// Everything that partition `index` gets but the addresses of its memory.
std::vector<Line> gets(const CompiledLayout& compiled, usize index);

/// The console in words.
std::string console_text(const Console& console);

} // namespace cloison::command
