// SPDX-License-Identifier: Apache-2.0
// Where the command finds what it was built with: the firmware, the guests.
#pragma once

#include <filesystem>

namespace cloison {

/// The environment variable CLOISON_SHARE, else ../share/cloison beside the running executable.
/// The folder need not exist.
std::filesystem::path share_folder();

} // namespace cloison
