// SPDX-License-Identifier: Apache-2.0
// The command line of the I/O server.
#pragma once

#include "firmware/abi/types.hpp"

#include <span>
#include <string>
#include <vector>

namespace cloison::io {

struct DiskOptions {
    std::string socket;
    std::string image; // a file, a block device, or an NBD URI
    bool read_only = false;
    std::string serial;
};

struct ServerOptions {
    std::vector<DiskOptions> disks;
    u16 queues = 1; // of each disk
    bool poll = false;
    bool help = false;
    bool version = false;
};

/// Throws UsageError.
[[nodiscard]] ServerOptions parse_options(std::span<const std::string> words);

/// What --help prints.
[[nodiscard]] std::string help_text();

} // namespace cloison::io
