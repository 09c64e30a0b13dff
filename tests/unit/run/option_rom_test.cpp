// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/option_rom.hpp"

#include "partitions/run/error.hpp"

#include <gtest/gtest.h>
#include <numeric>

namespace cloison::run {

namespace {

std::vector<u8> rom_of(usize blocks) {
    std::vector<u8> rom(blocks * 512, 0x5C);
    rom[0] = 0x55;
    rom[1] = 0xAA;
    rom[2] = static_cast<u8>(blocks);
    return rom;
}

TEST(OptionRom, BytesAddUpToZero) {
    for (u32 address : {0u, 0x3C000000u, 0xFFFFFFFFu, 0x01020304u}) {
        auto rom = patch_option_rom(rom_of(2), address);
        EXPECT_EQ(std::accumulate(rom.begin(), rom.end(), 0u) % 256, 0u);
    }
}

TEST(OptionRom, AddressIsAtOffset8) {
    auto before = rom_of(1);
    auto rom = patch_option_rom(before, 0x12345678);
    EXPECT_EQ(rom[8], 0x78);
    EXPECT_EQ(rom[11], 0x12);
    rom[8] = rom[9] = rom[10] = rom[11] = 0x5C;
    rom.back() = before.back();
    EXPECT_EQ(rom, before); // nothing else changed
}

TEST(OptionRom, AnythingElseIsRefused) {
    EXPECT_THROW(patch_option_rom({}, 0), RunError);
    EXPECT_THROW(patch_option_rom(std::vector<u8>(512), 0), RunError);
    auto shorter = rom_of(2);
    shorter.resize(1000);
    EXPECT_THROW(patch_option_rom(shorter, 0), RunError);
}

} // namespace

} // namespace cloison::run
