// SPDX-License-Identifier: Apache-2.0
// Sockets in the file system.
#pragma once

#include "ioserver/linux/descriptor.hpp"

#include <string>

namespace cloison::io {

/// Listens at `path`. A socket there that nobody listens at any more, as a killed server leaves it,
/// is replaced; one that somebody does, or another file, is not. Throws ServerError.
[[nodiscard]] Descriptor listen_at(const std::string& path);

/// Connects to the one who listens at `path`. Throws ServerError.
[[nodiscard]] Descriptor connect_to(const std::string& path);

} // namespace cloison::io
