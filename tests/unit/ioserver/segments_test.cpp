// SPDX-License-Identifier: Apache-2.0
// Bytes in and out of lists of pieces, wherever the pieces end.
#include "ioserver/devices/queue/segments.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cloison::io {
namespace {

struct SegmentsTest : testing::Test {
    u8 bytes[12] = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'};
    Segment list[3] = {{bytes, 3}, {bytes + 3, 1}, {bytes + 4, 8}};
    std::span<Segment> all = list;

    std::string out(u64 offset, usize size) {
        std::string text(size, '-');
        copy_out(all, offset, {reinterpret_cast<u8*>(text.data()), size});
        return text;
    }
};

TEST_F(SegmentsTest, CopiesAcrossPieces) {
    EXPECT_EQ(total_size(all), 12u);
    EXPECT_EQ(out(0, 12), "abcdefghijkl");
    EXPECT_EQ(out(2, 3), "cde");
    EXPECT_EQ(out(3, 1), "d");
    EXPECT_EQ(out(10, 4), "kl--"); // no more than there is
    EXPECT_EQ(out(12, 1), "-");
    const u8 text[] = {'X', 'Y', 'Z'};
    EXPECT_EQ(copy_in(all, 2, text), 3u);
    EXPECT_EQ(out(0, 6), "abXYZf");
    EXPECT_EQ(copy_in(all, 11, text), 1u);
    EXPECT_EQ(out(10, 2), "kX");
}

TEST_F(SegmentsTest, TakesTheFrontOff) {
    char front[4];
    ASSERT_TRUE(take_front(all, front, 4)); // just two pieces
    EXPECT_EQ(std::string(front, 4), "abcd");
    EXPECT_EQ(all.size(), 1u);
    ASSERT_TRUE(take_front(all, front, 3));
    EXPECT_EQ(std::string(front, 3), "efg");
    EXPECT_EQ(total_size(all), 5u);
    char more[6];
    EXPECT_FALSE(take_front(all, more, 6));
    EXPECT_EQ(out(0, 5), "hijkl");
}

TEST_F(SegmentsTest, TakesTheLastByteOff) {
    all = all.first(2);
    EXPECT_EQ(take_last_byte(all), bytes + 3);
    EXPECT_EQ(all.size(), 1u);
    EXPECT_EQ(take_last_byte(all), bytes + 2);
    EXPECT_EQ(total_size(all), 2u);
    all = {};
    EXPECT_EQ(take_last_byte(all), nullptr);
}

} // namespace
} // namespace cloison::io
