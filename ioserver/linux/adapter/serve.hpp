// SPDX-License-Identifier: Apache-2.0
// The I/O server of a partition with role control or io-server.
#pragma once

#include "ioserver/linux/adapter/pci_function.hpp"
#include "ioserver/linux/options.hpp"

namespace cloison::io::adapter {

/// Serves this partition's clients until a signal ends it. False where something that the manifest
/// asks for was left out. Throws ServerError where nothing can be served.
[[nodiscard]] bool serve(const ServerOptions& options, const Roots& roots = {});

} // namespace cloison::io::adapter
