// SPDX-License-Identifier: Apache-2.0
// A guest's memory in pieces: what is in one is found, what is not wholly in one is not.
#include "ioserver/devices/queue/guest_memory.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace cloison::io {
namespace {

struct GuestRegionsTest : testing::Test {
    GuestRegionsTest() {
        EXPECT_TRUE(regions.add(0x1000, low));
        EXPECT_TRUE(regions.add(0x2000, high)); // goes on where `low` ends
        EXPECT_TRUE(regions.add(~u64{0} - 0xFFF, top));
    }
    std::vector<u8> low = std::vector<u8>(0x1000), high = low, top = low;
    GuestRegions regions;
};

TEST_F(GuestRegionsTest, FindsWhatIsInOnePiece) {
    EXPECT_EQ(regions.at(0x1000, 0x1000).data(), low.data());
    EXPECT_EQ(regions.at(0x1000, 0x1000).size(), 0x1000u);
    EXPECT_EQ(regions.at(0x2FFF, 1).data(), high.data() + 0xFFF);
    EXPECT_EQ(regions.at(~u64{0}, 1).data(), top.data() + 0xFFF);
}

TEST_F(GuestRegionsTest, RefusesWhatIsNot) {
    EXPECT_TRUE(regions.at(0xFFF, 2).empty());
    EXPECT_TRUE(regions.at(0x1FFF, 2).empty()); // crosses from one piece into the next
    EXPECT_TRUE(regions.at(0x2FFF, 2).empty());
    EXPECT_TRUE(regions.at(0x3000, 1).empty());
    EXPECT_TRUE(regions.at(~u64{0}, 2).empty()); // wraps
    EXPECT_TRUE(regions.at(0x1000, ~u64{0}).empty());
    EXPECT_TRUE(regions.at(0x1000, 0).empty());
}

TEST_F(GuestRegionsTest, AddsOnlyWhatIsNew) {
    std::vector<u8> other(0x1000);
    EXPECT_FALSE(regions.add(0x1800, other));
    EXPECT_FALSE(regions.add(~u64{0} - 0x7FF, other));
    EXPECT_FALSE(regions.add(0x8000, {}));
    for (u64 i = 3; i < GuestRegions::max_regions; ++i)
        EXPECT_TRUE(regions.add(0x10'0000 * i, other));
    EXPECT_FALSE(regions.add(0x8000, other));
    regions.clear();
    EXPECT_TRUE(regions.at(0x1000, 1).empty());
    EXPECT_TRUE(regions.add(0x8000, other));
}

} // namespace
} // namespace cloison::io
