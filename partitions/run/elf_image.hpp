// SPDX-License-Identifier: Apache-2.0
// The flat image of an ELF file: what an emulator without a boot loader needs of the firmware.
#pragma once

#include "firmware/abi/types.hpp"

#include <span>
#include <vector>

namespace cloison::run {

/// A program as it lies in memory: `bytes` from physical address `address`, entered at `entry`.
/// Memory behind the bytes (.bss, the firmware's arena) is the program's own business.
struct FlatImage {
    std::vector<u8> bytes;
    u32 address = 0;
    u32 entry = 0;
};

/// Flattens the loadable segments of a 64-bit x86 ELF file, as far as they have contents.
/// Throws RunError for anything else, and for images that reach past 4 GiB or above 64 MiB in size.
FlatImage flatten_elf(std::span<const u8> file);

} // namespace cloison::run
