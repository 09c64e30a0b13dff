// SPDX-License-Identifier: Apache-2.0
// Files that one server has at a time.
#pragma once

#include "ioserver/linux/descriptor.hpp"

#include <string>

namespace cloison::io {

/// Locks `file`, with others who share it or alone. Where another process has it, waits a while:
/// one that was killed keeps it until nothing of it is at work any more, in the kernel neither.
/// Throws ServerError.
void lock_file(const Descriptor& file, bool shared, const std::string& name);

} // namespace cloison::io
