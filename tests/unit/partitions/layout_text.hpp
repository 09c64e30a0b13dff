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
    u32 threads = 1; // of a core: CPUs that follow each other in apic_ids share one
    u32 nodes = 1;   // CPUs and ranges of RAM take turns
};

/// What platforms of tests have beside CPUs and memory: a network card that does DMA.
inline constexpr const char* network_card = "0000:00:03.0";

struct PartitionText {
    std::string name;
    u32 cpus = 1;                 // means nothing where some are pinned
    std::vector<u32> pinned = {}; // APIC IDs
    u64 memory = 64 * mib;
    u32 minimum_cpus = 0;   // 0: all of them
    u64 minimum_memory = 0; // 0: all of it
    bool exclusive = false; // its cores are nobody else's
    u32 activation = 100;
    std::string kernel = "guest:test/vmlinuz";
    std::string initrd = {};
    std::string command_line = {};
    bool console = true;
    std::string role = "client";
    std::string devices = {}; // elements between <memory> and <console>
};

std::string to_xml(const PlatformText& platform);
/// The first partition serves a switch "lan" and a volume "data", where it is a server.
std::string to_xml(const std::vector<PartitionText>& partitions);

/// Writes platform.xml and layout.xml into `folder`, and returns the path of the latter.
std::filesystem::path write_layout(const std::filesystem::path& folder,
                                   const PlatformText& platform,
                                   const std::vector<PartitionText>& partitions);

} // namespace cloison::test
