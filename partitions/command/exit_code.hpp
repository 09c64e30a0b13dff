// SPDX-License-Identifier: Apache-2.0
// What the command's exit status says, the same for every verb.
#pragma once

namespace cloison::command {

inline constexpr int exit_ok = 0;     // nothing wrong
inline constexpr int exit_failed = 1; // errors were found, or the machine did not do what it should
inline constexpr int exit_usage = 2;  // the command line makes no sense

inline constexpr const char* exit_code_help = "Exit status:\n"
                                              "  0  all is well (warnings may have been printed)\n"
                                              "  1  errors were found, they have been printed\n"
                                              "  2  the command line makes no sense\n";

} // namespace cloison::command
