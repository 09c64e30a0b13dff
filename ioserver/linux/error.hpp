// SPDX-License-Identifier: Apache-2.0
// What the I/O server cannot do: one sentence for the person who started it.
#pragma once

#include <iosfwd>
#include <stdexcept>
#include <string>

namespace cloison::io {

/// The command line makes no sense.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Something that was asked for cannot be had.
class ServerError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A line of the server's, in one piece: nothing that others write comes in between.
void say(std::ostream& to, const std::string& text);

/// `what` with the text of `error`, an errno value, behind it.
[[nodiscard]] ServerError system_error(const std::string& what, int error);

} // namespace cloison::io
