// SPDX-License-Identifier: Apache-2.0
// Why a machine cannot be described: one sentence for the person at the command.
#pragma once

#include <stdexcept>

namespace cloison::describe {

/// Thrown with the file that is wrong and what is wrong with it. What is merely not there, or may
/// not be read, is no error: the description says that it is not known.
class DescribeError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

} // namespace cloison::describe
