// SPDX-License-Identifier: Apache-2.0
// The command line of the verbs that look at layouts: files and a few switches.
#pragma once

#include "partitions/rules/rules.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cloison::command {

struct Options {
    std::vector<std::string> layouts;
    bool json = false;
    Purpose purpose = Purpose::boot;
};

/// How a verb explains itself.
struct VerbHelp {
    const char* name;
    const char* usage; // behind the name
    const char* text;  // what it does, with examples; ends in a newline
    bool many;         // takes more than one layout
};

/// The options in `arguments`. Otherwise the verb is done, and `status` is its exit status: its
/// help was asked for and printed, or the arguments make no sense and that was said.
std::optional<Options> parse_options(const std::vector<std::string>& arguments,
                                     const VerbHelp& help, int& status);

} // namespace cloison::command
