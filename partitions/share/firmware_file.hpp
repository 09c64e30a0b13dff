// SPDX-License-Identifier: Apache-2.0
// What the planner must know of the firmware that it plans for: where it runs, how much it takes.
#pragma once

#include "firmware/abi/types.hpp"

#include <filesystem>
#include <optional>
#include <span>

namespace cloison {

/// The places that the firmware's ELF file claims.
struct FirmwareFile {
    Extent image;      // code and data, zeroed data included
    u64 file_size = 0; // bytes of the image that have contents
    u64 arena_end = 0; // end of the arena behind the image; image.end() where there is none
};

/// What the ELF file of a firmware claims; none when `file` is not one.
std::optional<FirmwareFile> parse_firmware_file(std::span<const u8> file);

/// Reads firmware.elf in `share`. None when it is missing or not the ELF file of a firmware.
std::optional<FirmwareFile> read_firmware_file(const std::filesystem::path& share);

} // namespace cloison
