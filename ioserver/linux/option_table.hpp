// SPDX-License-Identifier: Apache-2.0
// What the command line may hold, for the parser and for --help.
#pragma once

#include <boost/program_options.hpp>

namespace cloison::io {

/// With those that --help does not show.
[[nodiscard]] boost::program_options::options_description all_options();
/// Words that are no options.
[[nodiscard]] boost::program_options::positional_options_description positional_words();

} // namespace cloison::io
