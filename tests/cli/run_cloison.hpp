// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cloison::test {

/// What one run of the command came to.
struct Outcome {
    int status = -1; // exit status, or 128 and the number of the signal that ended it
    std::string out; // standard output
    std::string err; // standard error
};

/// Runs the built `cloison` with `arguments` in folder `where`.
Outcome run_cloison(const std::vector<std::string>& arguments,
                    const std::filesystem::path& where = CLOISON_SOURCE);

/// The same under a pseudo-terminal of type xterm; both outputs are in `out`.
Outcome run_on_terminal(const std::vector<std::string>& arguments);

} // namespace cloison::test
