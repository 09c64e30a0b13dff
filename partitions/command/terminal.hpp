// SPDX-License-Identifier: Apache-2.0
// When to use colour.
#pragma once

namespace cloison::command {

/// True when file descriptor `fd` is a terminal that shows colour, and its user has not said no
/// (the environment variable NO_COLOR, https://no-color.org).
bool use_colour(int fd);

} // namespace cloison::command
