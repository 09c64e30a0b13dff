// SPDX-License-Identifier: Apache-2.0
// Just enough to write JSON (RFC 8259): values are texts that are JSON already.
#pragma once

#include "firmware/abi/types.hpp"
#include "partitions/result/diagnostic.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloison::json {

using Members = std::vector<std::pair<std::string_view, std::string>>;

std::string string(std::string_view text);
std::string number(u64 value);
std::string boolean(bool value);
std::string array(const std::vector<std::string>& elements);
std::string object(const Members& members);

/// A finding as an object: file, line, severity, rule, message, remedy.
std::string finding(const Diagnostic& diagnostic);
std::string findings(const Diagnostics& diagnostics);

} // namespace cloison::json
