// SPDX-License-Identifier: Apache-2.0
// A layout: how one machine is divided, as people write it in configs/layouts/*.xml. It says what
// each partition wants; the planner (partitions/plan) decides what each gets.
#pragma once

#include "partitions/layout/partition.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cloison {

/// CPUs that partitions share: a number of them, or particular ones.
struct Pool {
    Location where;
    std::string name;
    u32 desired = 0;               // equals pinned.size() where that is not empty
    std::vector<PinnedCpu> pinned; // in the order of writing
};

/// A virtual Ethernet switch, in the partition that serves it.
struct Switch {
    Location where, server_where, uplink_where;
    std::string name;
    std::string server;
    std::optional<u32> uplink; // PCI address, as xml::parse_pci has it
    u64 bandwidth = 0;         // bits a second; 0: not said
};

/// Storage that a server offers.
struct Volume {
    Location where, server_where, backing_where, size_where;
    std::string name;
    std::string server;
    std::string backing; // "file:PATH", "device:PATH", "nbd:URI" or "disk:VOLUME"
    u64 size = 0;        // bytes
    bool shareable = false;
    u64 rate = 0;      // requests a second; 0: not said
    u64 bandwidth = 0; // bits a second; 0: not said
};

struct Layout {
    Location where;
    std::string name;
    Location platform_where;
    std::string platform; // path as written, relative to the layout
    std::vector<Pool> pools;
    std::vector<Switch> switches;
    std::vector<Volume> volumes;
    std::vector<LayoutPartition> partitions;
};

/// Reads the layout in `file`. Everything wrong with it is in `findings`; what could not be read is
/// zero or empty in the result. None when there is nothing to look at: no file, no XML, no
/// <layout>.
std::optional<Layout> read_layout(const std::filesystem::path& file, Diagnostics& findings);

/// The same from `text`, which is called `name` in findings.
std::optional<Layout> parse_layout(std::string_view text, const std::string& name,
                                   Diagnostics& findings);

} // namespace cloison
