// SPDX-License-Identifier: Apache-2.0
// A layout: how one machine is divided, as people write it in configs/layouts/*.xml. It says what
// each partition wants; the planner (partitions/plan) decides what each gets.
#pragma once

#include "firmware/abi/manifest.hpp"
#include "partitions/result/diagnostic.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cloison {

/// One physical CPU named by the layout.
struct PinnedCpu {
    Location where;
    u32 apic_id = 0;
};

/// Dedicated processors: either a number of them, or a list of particular ones.
struct ProcessorsWanted {
    Location where;
    u32 desired = 0;               // equals pinned.size() where that is not empty
    std::vector<PinnedCpu> pinned; // in the order of virtual APIC IDs
};

struct MemoryWanted {
    Location where;
    u64 desired = 0; // bytes, a multiple of 2 MiB
};

struct Boot {
    Location kernel_where, initrd_where, command_line_where;
    abi::BootKind kind = abi::BootKind::linux_bzimage;
    std::string kernel; // as written: relative to the layout, or "guest:…"
    std::string initrd; // the same; empty: none
    std::string command_line;
};

struct LayoutPartition {
    Location where;
    std::string name;
    abi::Role role = abi::Role::client;
    ProcessorsWanted processors;
    MemoryWanted memory;
    std::optional<Location> console; // where it was asked for
    Boot boot;
    abi::FailurePolicy failure = abi::FailurePolicy::stop;
};

struct Layout {
    Location where;
    std::string name;
    Location platform_where;
    std::string platform; // path as written, relative to the layout
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
