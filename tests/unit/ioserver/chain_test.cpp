// SPDX-License-Identifier: Apache-2.0
// Chains as drivers make them, and as none may.
#include "tests/unit/ioserver/fake_driver.hpp"

#include <gtest/gtest.h>

#include <array>

namespace cloison::io {
namespace {

using Driver = FakeDriver;

struct ChainTest : testing::Test {
    /// What becomes of the one chain that is available.
    QueueError judge() {
        EXPECT_EQ(driver.start(queue), QueueError::none);
        Take take = queue.take(storage, chain);
        EXPECT_EQ(take == Take::chain, queue.error() == QueueError::none);
        return queue.error();
    }
    void patch(u16 index, u64 address, u32 size, u32 flags, u16 next) {
        driver.write_descriptor(driver.layout().descriptors, index,
                                {address, size, static_cast<u16>(flags), next});
    }

    Driver driver{8};
    Queue<GuestRegions> queue;
    std::array<Segment, 16> storage;
    Chain chain;
    u64 a = driver.allocate(64), b = driver.allocate(64);
};

TEST_F(ChainTest, DirectIsSplitIntoReadableAndWritable) {
    u16 head = driver.add({{a, 16, false}, {a + 16, 0, false}, {b, 32, true}, {b + 32, 1, true}});
    ASSERT_EQ(judge(), QueueError::none);
    EXPECT_EQ(chain.head, head);
    ASSERT_EQ(chain.readable.size(), 1u); // the empty one is left out
    EXPECT_EQ(chain.readable[0].data, driver.at(a));
    EXPECT_EQ(chain.readable[0].size, 16u);
    ASSERT_EQ(chain.writable.size(), 2u);
    EXPECT_EQ(chain.writable[1].data, driver.at(b + 32));
    EXPECT_EQ(chain.writable[1].size, 1u);
}

TEST_F(ChainTest, IndirectMayBeLongerThanTheQueue) {
    driver.add_indirect(std::vector<Driver::Buffer>(12, {a, 4, false}));
    ASSERT_EQ(judge(), QueueError::none);
    EXPECT_EQ(chain.readable.size(), 12u);
}

/// Section 2.7.5.3.2: normal descriptors, then one that is indirect, whose WRITE flag is ignored.
TEST_F(ChainTest, IndirectMayEndADirectChain) {
    u64 table = driver.allocate(32);
    driver.write_descriptor(table, 0, {b, 8, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 1});
    driver.write_descriptor(table, 1, {b + 8, 8, VRING_DESC_F_WRITE, 0});
    driver.add({{a, 16, false}, {table, 32, true}});
    patch(1, table, 32, VRING_DESC_F_INDIRECT | VRING_DESC_F_WRITE, 0);
    ASSERT_EQ(judge(), QueueError::none);
    EXPECT_EQ(chain.readable.size(), 1u);
    EXPECT_EQ(chain.writable.size(), 2u);
}

TEST_F(ChainTest, LoopEnds) {
    driver.add({{a, 4, false}, {b, 4, false}});
    patch(1, b, 4, VRING_DESC_F_NEXT, 0);
    EXPECT_EQ(judge(), QueueError::chain_too_long);
}

TEST_F(ChainTest, LoopOfEmptyBuffersEnds) {
    driver.add({{a, 4, false}});
    patch(0, a, 0, VRING_DESC_F_NEXT, 0);
    EXPECT_EQ(judge(), QueueError::chain_too_long);
}

TEST_F(ChainTest, LongIndirectTableOfEmptyBuffersEnds) {
    u64 table = driver.allocate(4096);
    for (u32 i = 0; i < 256; ++i)
        driver.write_descriptor(table, i, {a, 0, VRING_DESC_F_NEXT, static_cast<u16>(i + 1)});
    driver.add({{a, 4, false}});
    patch(0, table, 4096, VRING_DESC_F_INDIRECT, 0);
    EXPECT_EQ(judge(), QueueError::chain_too_long);
}

TEST_F(ChainTest, MoreSegmentsThanTheDeviceTakes) {
    driver.add_indirect(std::vector<Driver::Buffer>(17, {a, 4, false}));
    EXPECT_EQ(judge(), QueueError::chain_too_long);
}

TEST_F(ChainTest, NextOutOfTheTable) {
    driver.add({{a, 4, false}});
    patch(0, a, 4, VRING_DESC_F_NEXT, 8);
    EXPECT_EQ(judge(), QueueError::next_out_of_range);
}

TEST_F(ChainTest, BufferOutsideMemory) {
    driver.add({{Driver::base + Driver::memory_size - 4, 5, false}});
    EXPECT_EQ(judge(), QueueError::buffer_outside_memory);
    Driver other(8);
    other.add({{~u64{0} - 1, 4, true}}); // wraps
    ASSERT_EQ(other.start(queue), QueueError::none);
    EXPECT_EQ(queue.take(storage, chain), Take::broken);
    EXPECT_EQ(queue.error(), QueueError::buffer_outside_memory);
}

TEST_F(ChainTest, ReadableAfterWritable) {
    driver.add({{a, 4, true}, {b, 4, false}});
    EXPECT_EQ(judge(), QueueError::readable_after_writable);
}

TEST_F(ChainTest, IndirectTableMustBeATable) {
    driver.add({{a, 4, false}});
    patch(0, a, 24, VRING_DESC_F_INDIRECT, 0);
    EXPECT_EQ(judge(), QueueError::indirect_size);
    patch(0, a, 0, VRING_DESC_F_INDIRECT, 0);
    EXPECT_EQ(judge(), QueueError::indirect_size);
    patch(0, Driver::base - 16, 32, VRING_DESC_F_INDIRECT, 0);
    EXPECT_EQ(judge(), QueueError::buffer_outside_memory);
    patch(0, a, 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 0);
    EXPECT_EQ(judge(), QueueError::indirect_with_next);
}

TEST_F(ChainTest, IndirectInIndirect) {
    driver.add_indirect({{a, 16, false}});
    u64 table = driver.peek<u64>(driver.layout().descriptors);
    driver.write_descriptor(table, 0, {a, 16, VRING_DESC_F_INDIRECT, 0});
    EXPECT_EQ(judge(), QueueError::indirect_nested);
}

TEST_F(ChainTest, IndirectWithoutTheFeature) {
    Driver plain(8, feature_bit(VIRTIO_F_VERSION_1));
    plain.add_indirect({{plain.allocate(8), 8, false}});
    ASSERT_EQ(plain.start(queue), QueueError::none);
    EXPECT_EQ(queue.take(storage, chain), Take::broken);
    EXPECT_EQ(queue.error(), QueueError::indirect_not_negotiated);
}

/// Memory of 4 GiB that is not there: only its size is looked at.
struct HugeMemory {
    const GuestRegions* real;
    [[nodiscard]] std::span<u8> at(u64 guest, u64 size) const {
        std::span<u8> bytes = real->at(guest, 1);
        return bytes.empty() ? bytes : std::span<u8>(bytes.data(), static_cast<usize>(size));
    }
};

TEST_F(ChainTest, FourGibibytesAreTooMany) {
    driver.add({{a, ~u32{0}, false}, {a, 1, true}});
    HugeMemory huge{&driver.memory()};
    Queue<HugeMemory> large;
    ASSERT_EQ(large.start(huge, driver.layout(), driver.features(), driver.record()),
              QueueError::none);
    EXPECT_EQ(large.take(storage, chain), Take::broken);
    EXPECT_EQ(large.error(), QueueError::buffer_too_large);
}

} // namespace
} // namespace cloison::io
