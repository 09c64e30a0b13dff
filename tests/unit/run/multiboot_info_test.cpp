// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/multiboot_info.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <string>

namespace cloison::run {

namespace {

u32 word(const std::vector<u8>& bytes, usize at) {
    u32 value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

TEST(MultibootInfo, TagsFollowTheSpecification) {
    std::vector<PlacedModule> modules{{"abc", 0x1000, 0x1234}};
    auto [bytes, map] = make_multiboot_info(modules, 2);
    EXPECT_EQ(word(bytes, 0), bytes.size());
    EXPECT_EQ(word(bytes, 4), 0u);
    // The module: 16 bytes and "abc" with its NUL.
    EXPECT_EQ(word(bytes, 8), 3u);
    EXPECT_EQ(word(bytes, 12), 20u);
    EXPECT_EQ(word(bytes, 16), 0x1000u);
    EXPECT_EQ(word(bytes, 20), 0x1234u);
    EXPECT_STREQ(reinterpret_cast<const char*>(&bytes[24]), "abc");
    // The memory map, at the next multiple of 8.
    EXPECT_EQ(map, 32u);
    EXPECT_EQ(word(bytes, map), 6u);
    EXPECT_EQ(word(bytes, map + 4), 16u + 2 * 24u);
    EXPECT_EQ(word(bytes, map + 8), 24u);
    EXPECT_EQ(word(bytes, map + 12), 0u);
    // The end.
    EXPECT_EQ(word(bytes, bytes.size() - 8), 0u);
    EXPECT_EQ(word(bytes, bytes.size() - 4), 8u);
    EXPECT_EQ(bytes.size(), map + 16 + 2 * 24 + 8);
}

TEST(MultibootInfo, EveryTagIsAligned) {
    for (usize length = 0; length < 9; ++length) {
        std::vector<PlacedModule> modules{{std::string(length, 'x'), 0, 0}};
        auto [bytes, map] = make_multiboot_info(modules, 1);
        EXPECT_EQ(map % 8, 0u);
        EXPECT_EQ(word(bytes, 12), 16 + length + 1);
        EXPECT_EQ(word(bytes, map), 6u);
    }
}

} // namespace

} // namespace cloison::run
