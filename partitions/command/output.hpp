// SPDX-License-Identifier: Apache-2.0
// Where a verb's result goes: to standard output, or into the file of `-o`.
#pragma once

#include <string>

namespace cloison::command {

/// Writes `text` to standard output, or to `file` where that is not empty. False, with a complaint
/// of the verb on standard error, when it cannot be written.
bool write_output(const char* verb, const std::string& file, const std::string& text);

} // namespace cloison::command
