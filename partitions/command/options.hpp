// SPDX-License-Identifier: Apache-2.0
// The command line of the verbs that look at layouts: files and a few switches.
#pragma once

#include "partitions/command/command_line.hpp"
#include "partitions/result/purpose.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cloison::command {

struct Options {
    std::vector<std::string> layouts;
    bool json = false;
    Purpose purpose = Purpose::boot;
};

/// The options in `arguments`, those in `own` having been stored where they say. Otherwise the verb
/// is done, and `status` is its exit status: its help was asked for and printed, or the arguments
/// make no sense and that was said.
std::optional<Options> parse_options(const std::vector<std::string>& arguments,
                                     const VerbHelp& help, int& status,
                                     const boost::program_options::options_description& own =
                                         boost::program_options::options_description());

} // namespace cloison::command
