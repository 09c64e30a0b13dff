// SPDX-License-Identifier: Apache-2.0
// Writes the multiboot2 information structure (specification 2.0, 3.6) that a boot loader would.
#pragma once

#include "firmware/abi/types.hpp"

#include <span>
#include <string>
#include <vector>

namespace cloison::run {

/// A module in the machine's memory: bytes [start, end), physical addresses.
struct PlacedModule {
    std::string command_line;
    u32 start = 0;
    u32 end = 0;
};

struct MultibootInfo {
    std::vector<u8> bytes;
    u32 memory_map_tag = 0; // its offset in `bytes`
};

/// The structure with a tag for each module and a memory-map tag with room for `map_entries`
/// entries of 24 bytes, all zero. It must lie at a multiple of 8.
MultibootInfo make_multiboot_info(std::span<const PlacedModule> modules, u32 map_entries);

} // namespace cloison::run
