// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/option_rom.hpp"

#include "partitions/run/error.hpp"

#include <cstring>
#include <numeric>

namespace cloison::run {

namespace {
constexpr usize block = 512; // the ROM's byte 2 counts these
constexpr usize address_offset = 8;
} // namespace

std::vector<u8> patch_option_rom(std::vector<u8> rom, u32 bundle_address) {
    if (rom.size() < block || rom[0] != 0x55 || rom[1] != 0xAA || rom.size() != rom[2] * block)
        throw RunError("option-rom.bin is not an option ROM");
    std::memcpy(rom.data() + address_offset, &bundle_address, sizeof bundle_address);
    // The BIOS runs a ROM whose bytes add up to 0 (BIOS Boot Specification, 3.3).
    rom.back() = 0;
    u8 sum = std::accumulate(rom.begin(), rom.end(), u8{0},
                             [](u8 a, u8 b) { return static_cast<u8>(a + b); });
    rom.back() = static_cast<u8>(-sum);
    return rom;
}

} // namespace cloison::run
