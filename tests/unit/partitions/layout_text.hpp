// SPDX-License-Identifier: Apache-2.0
// Layouts and platforms written by tests.
#pragma once

#include "firmware/abi/types.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace cloison::test {

struct PlatformText {
    std::vector<u32> apic_ids;
    std::vector<Extent> ram; // multiples of 1 KiB
    Extent staging;
    bool large_pages_1g = true;
    Extent firmware{2 * mib, 4 * mib};
};

struct PartitionText {
    std::string name;
    u32 cpus = 1;                 // means nothing where some are pinned
    std::vector<u32> pinned = {}; // APIC IDs
    u64 memory = 64 * mib;
    std::string kernel = "guest:test/vmlinuz";
    std::string initrd = {};
    std::string command_line = {};
    bool console = true;
};

std::string to_xml(const PlatformText& platform);
std::string to_xml(const std::vector<PartitionText>& partitions);

/// Writes platform.xml and layout.xml into `folder`, and returns the path of the latter.
std::filesystem::path write_layout(const std::filesystem::path& folder,
                                   const PlatformText& platform,
                                   const std::vector<PartitionText>& partitions);

} // namespace cloison::test
