// SPDX-License-Identifier: Apache-2.0
// Sets of ranges, against one bit for each address.
#include "partitions/describe/extents.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bitset>
#include <random>

namespace cloison::test {
namespace {

constexpr usize space = 64;
using Bits = std::bitset<space>;

Bits bits_of(const std::vector<Extent>& ranges) {
    Bits bits;
    for (const Extent& range : ranges)
        for (u64 at = range.base; at < range.end(); ++at)
            bits.set(at);
    return bits;
}

std::vector<Extent> some_ranges(std::mt19937& dice) {
    std::vector<Extent> ranges(dice() % 6);
    for (Extent& range : ranges) {
        range.base = dice() % space;
        range.size = 1 + dice() % std::min<u64>(12, space - range.base);
    }
    return ranges;
}

TEST(Extents, AreSubtractedAddressByAddress) {
    std::mt19937 dice(1);
    for (int round = 0; round < 20000; ++round) {
        auto from = some_ranges(dice), what = some_ranges(dice);
        auto left = describe::subtract(from, what);
        EXPECT_EQ(bits_of(left), bits_of(from) & ~bits_of(what));
        for (usize i = 0; i < left.size(); ++i) {
            EXPECT_FALSE(left[i].empty());
            EXPECT_TRUE(i == 0 || left[i - 1].end() <= left[i].base);
        }
    }
}

TEST(Extents, AreAlignedInwardsAndOutwards) {
    std::vector<Extent> ranges{
        {0, 0x9FC00}, {0x9FC00, 0x800}, {0x100200, 0x600}, {0x100800, 0x2000}};
    auto inside = describe::pages_inside(ranges);
    ASSERT_EQ(inside.size(), 2u);
    EXPECT_EQ(inside[0].end(), 0x9F000u);
    EXPECT_EQ(inside[1].base, 0x101000u);
    EXPECT_EQ(inside[1].end(), 0x102000u);
    auto touched = describe::pages_touched(ranges);
    ASSERT_EQ(touched.size(), 2u);
    EXPECT_EQ(touched[0].end(), 0xA1000u);
    EXPECT_EQ(touched[1].base, 0x100000u);
    EXPECT_EQ(touched[1].end(), 0x103000u);
}

} // namespace
} // namespace cloison::test
