// SPDX-License-Identifier: Apache-2.0
// What goes wrong while a layout is made ready or runs: one sentence for the person at the command.
#pragma once

#include <stdexcept>

namespace cloison::run {

/// Thrown with a message that says what failed and, where it can, what to do about it.
class RunError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// `what` with the text of errno behind it.
RunError system_error(const std::string& what);

} // namespace cloison::run
