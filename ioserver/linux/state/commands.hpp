// SPDX-License-Identifier: Apache-2.0
// Commands for a server that runs.
#pragma once

#include "ioserver/linux/options.hpp"

namespace cloison::io {

/// Whether these words are a command. Throws UsageError where they are none.
void check_command(std::span<const std::string> words);

/// Carries out options.command; false where the server says that it cannot be done. Throws
/// ServerError where there is no server.
[[nodiscard]] bool run_command(const ServerOptions& options);

} // namespace cloison::io
