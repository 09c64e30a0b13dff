// SPDX-License-Identifier: Apache-2.0
// Digests of boot images.
#pragma once

#include <filesystem>
#include <string>

namespace cloison {

/// The file's SHA-256 digest in 64 hexadecimal digits; empty where it cannot be read.
std::string sha256_of(const std::filesystem::path& path);

} // namespace cloison
