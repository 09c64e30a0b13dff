// SPDX-License-Identifier: Apache-2.0
// The command line of any verb: options, operands, --help, and what is said of a wrong one.
#pragma once

#include "firmware/abi/types.hpp"
#include "partitions/command/exit_code.hpp"

#include <boost/program_options/options_description.hpp>

#include <string>
#include <vector>

namespace cloison::command {

inline constexpr usize any_number = 0;

/// How a verb explains itself.
struct VerbHelp {
    const char* name;
    const char* usage; // behind the name
    const char* text;  // what it does, with examples; ends in a newline
    usize layouts = 1; // how many it takes; any_number: one or more
    const char* exit_codes = exit_code_help;
};

/// Stores the options in `arguments` where `own` says, and what is no option in `operands`. False:
/// the verb is done, and `status` is its exit status; its help was asked for and printed, or the
/// arguments make no sense and that was said.
bool parse_words(const std::vector<std::string>& arguments, const VerbHelp& help,
                 const boost::program_options::options_description& own,
                 std::vector<std::string>& operands, int& status);

/// Says what makes no sense about the command line of a verb, and returns the exit status for it.
int complain(const VerbHelp& help, const std::string& what);

} // namespace cloison::command
