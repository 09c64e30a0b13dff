// SPDX-License-Identifier: Apache-2.0
// The option ROM that plays the boot loader on Bochs (firmware/x86/option_rom.S), made ready.
#pragma once

#include "firmware/abi/types.hpp"

#include <vector>

namespace cloison::run {

/// Where the option ROM must be in the machine: it is linked for this address.
inline constexpr u32 option_rom_address = 0xD0000;

/// `rom` with the bundle's address filled in and the checksum right. Throws RunError where `rom` is
/// not an option ROM.
std::vector<u8> patch_option_rom(std::vector<u8> rom, u32 bundle_address);

} // namespace cloison::run
