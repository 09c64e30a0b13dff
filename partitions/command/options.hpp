// SPDX-License-Identifier: Apache-2.0
// The command line of the verbs that look at layouts: files and a few switches.
#pragma once

#include "partitions/command/exit_code.hpp"
#include "partitions/rules/rules.hpp"

#include <boost/program_options/options_description.hpp>

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
    usize layouts = 1; // how many it takes; any_number: one or more
    const char* exit_codes = exit_code_help;
};

inline constexpr usize any_number = 0;

/// The options in `arguments`, those in `own` having been stored where they say. Otherwise the verb
/// is done, and `status` is its exit status: its help was asked for and printed, or the arguments
/// make no sense and that was said.
std::optional<Options> parse_options(const std::vector<std::string>& arguments,
                                     const VerbHelp& help, int& status,
                                     const boost::program_options::options_description& own =
                                         boost::program_options::options_description());

/// Says what makes no sense about the command line of a verb, and returns the exit status for it.
int complain(const VerbHelp& help, const std::string& what);

} // namespace cloison::command
