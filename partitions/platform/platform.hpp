// SPDX-License-Identifier: Apache-2.0
// A platform: the machine that a layout divides, as configs/platforms/*.xml describes it.
#pragma once

#include "firmware/abi/types.hpp"
#include "partitions/result/diagnostic.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cloison {

struct PlatformProcessor {
    Location where;
    u32 apic_id = 0;
};

/// A range of physical addresses and where it was written.
struct PlatformRange {
    Location where;
    Extent extent;
};

/// How to start an emulator that is this machine. A platform of metal has none.
struct EmulatedMachine {
    Location where;
    std::string emulator; // "bochs" or "qemu"
    std::string model;    // the emulator's name of the CPU model
    u64 memory = 0;       // bytes, a multiple of 1 MiB
    u64 ips = 0;          // Bochs: instructions per emulated second; 0: the emulator's default
};

struct Platform {
    Location where;
    std::string name;
    bool large_pages_1g = false;               // paging and EPT offer 1 GiB pages
    std::vector<PlatformProcessor> processors; // as written
    std::vector<PlatformRange> ram;            // as written: usable RAM in the machine's E820 map
    PlatformRange firmware;                    // where the firmware's image and arena are
    PlatformRange staging;                     // where the boot loader leaves manifest and images
    std::optional<EmulatedMachine> machine;
};

/// Reads the platform in `file`. Everything wrong with it is in `findings`; what could not be read
/// is zero or empty in the result. None when there is nothing to look at: no file, no XML, no
/// <platform>.
std::optional<Platform> read_platform(const std::filesystem::path& file, Diagnostics& findings);

/// The same from `text`, which is called `name` in findings.
std::optional<Platform> parse_platform(std::string_view text, const std::string& name,
                                       Diagnostics& findings);

} // namespace cloison
