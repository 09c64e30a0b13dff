// SPDX-License-Identifier: Apache-2.0
// The command line of the I/O server.
#pragma once

#include "ioserver/devices/net/switch.hpp"

#include <optional>
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

struct PortOptions {
    std::string name; // a socket, or an interface
    MacAddress mac{};
    PortConfig config;
};

struct ConsoleOptions {
    std::string socket;
    std::string pty, log; // empty: none
    std::optional<u16> tcp;
};

struct ServerOptions {
    std::vector<DiskOptions> disks;
    std::vector<PortOptions> ports; // guests on the switch
    std::vector<PortOptions> taps;  // uplinks of the switch
    std::vector<ConsoleOptions> consoles;
    std::vector<std::string> entropy; // sockets
    u16 queues = 1;                   // of each disk
    bool adapters = false;            // serve clients' functions, as the manifest says
    std::string manifest;             // a file; empty: what the firmware shows
    std::string state;                // a folder; empty: default_state
    std::string console_line;         // a terminal; empty: none
    std::vector<std::string> command; // for a server that runs; empty: serve
    bool poll = false;
    bool help = false;
    bool version = false;
};

/// Where a server and those who ask it meet.
inline constexpr const char* default_state = "/run/ioserver";

/// Throws UsageError.
[[nodiscard]] ServerOptions parse_options(std::span<const std::string> words);

/// What --help prints.
[[nodiscard]] std::string help_text();

} // namespace cloison::io
