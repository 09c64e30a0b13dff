// SPDX-License-Identifier: Apache-2.0
// Devices that the command line asks for, each behind a socket.
#pragma once

#include "ioserver/linux/options.hpp"

namespace cloison::io::vhost_user {

/// Until a signal ends it. Throws ServerError.
void serve(const ServerOptions& options);

} // namespace cloison::io::vhost_user
