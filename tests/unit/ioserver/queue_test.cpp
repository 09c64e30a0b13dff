// SPDX-License-Identifier: Apache-2.0
// The ring as a whole: taken once, given back in any order, notified as was asked for.
#include "tests/unit/ioserver/fake_driver.hpp"

#include <gtest/gtest.h>

#include <array>

namespace cloison::io {
namespace {

constexpr u64 without_events = queue_features & ~feature_bit(VIRTIO_RING_F_EVENT_IDX);

struct QueueTest : testing::Test {
    void begin(FakeDriver& with, u16 first = 0) {
        ASSERT_EQ(with.start(queue, first), QueueError::none);
        static_cast<void>(
            queue.take_notification()); // the one for whoever waited for a predecessor
    }
    Take take() { return queue.take(storage, chain); }

    FakeDriver driver{8};
    u64 buffer = driver.allocate(64);
    Queue<GuestRegions> queue;
    std::array<Segment, 8> storage;
    Chain chain;
};

TEST_F(QueueTest, GivesBackInAnyOrder) {
    begin(driver);
    EXPECT_EQ(take(), Take::nothing);
    u16 first = driver.add({{buffer, 8, true}}), second = driver.add({{buffer + 8, 8, true}});
    ASSERT_EQ(take(), Take::chain);
    EXPECT_EQ(chain.head, first);
    ASSERT_EQ(take(), Take::chain);
    EXPECT_EQ(chain.head, second);
    EXPECT_EQ(take(), Take::nothing);
    EXPECT_EQ(queue.in_flight(), 2u);
    queue.complete(second, 5);
    queue.complete(first, 3);
    auto used = driver.collect();
    ASSERT_EQ(used.size(), 2u);
    EXPECT_EQ(used[0].head, second);
    EXPECT_EQ(used[0].length, 5u);
    EXPECT_EQ(used[1].head, first);
    EXPECT_EQ(queue.in_flight(), 0u);
}

TEST_F(QueueTest, GivesBackOnlyWhatWasTaken) {
    begin(driver);
    u16 head = driver.add({{buffer, 8, true}});
    queue.complete(head, 1);
    EXPECT_TRUE(driver.collect().empty());
    ASSERT_EQ(take(), Take::chain);
    queue.complete(head, 1);
    queue.complete(head, 1);
    queue.complete(100, 1);
    EXPECT_EQ(driver.collect().size(), 1u);
}

TEST_F(QueueTest, IndicesWrap) {
    driver.set_indices(0xFFFA);
    begin(driver, 0xFFFA);
    for (int i = 0; i < 20; ++i) {
        u16 head = driver.add({{buffer, 8, true}});
        ASSERT_EQ(take(), Take::chain);
        queue.complete(head, 0);
        ASSERT_EQ(driver.collect().size(), 1u);
    }
    EXPECT_EQ(queue.next_available(), 0xFFFA + 20 - 0x10000);
}

TEST_F(QueueTest, RefusesIndexThatJumps) {
    begin(driver);
    driver.poke<u16>(driver.layout().available + 2, 9);
    EXPECT_EQ(take(), Take::broken);
    EXPECT_EQ(queue.error(), QueueError::index_jump);
    EXPECT_FALSE(queue.running());
    EXPECT_EQ(take(), Take::broken);
}

TEST_F(QueueTest, RefusesHeadOutOfTheTable) {
    begin(driver);
    driver.offer(8);
    EXPECT_EQ(take(), Take::broken);
    EXPECT_EQ(queue.error(), QueueError::head_out_of_range);
}

TEST_F(QueueTest, RefusesChainThatIsInFlight) {
    begin(driver);
    u16 head = driver.add({{buffer, 8, true}});
    driver.offer(head);
    ASSERT_EQ(take(), Take::chain);
    EXPECT_EQ(take(), Take::broken);
    EXPECT_EQ(queue.error(), QueueError::head_in_flight);
    queue.complete(head, 8); // a broken queue is left alone
    EXPECT_TRUE(driver.collect().empty());
}

TEST_F(QueueTest, RefusesRingsThatAreNot) {
    auto with = [&](auto change) {
        FakeDriver other(8);
        change(other.layout());
        return other.start(queue);
    };
    EXPECT_EQ(with([](QueueLayout& l) { l.size = 0; }), QueueError::size_invalid);
    EXPECT_EQ(with([](QueueLayout& l) { l.size = 6; }), QueueError::size_invalid);
    EXPECT_EQ(with([](QueueLayout& l) { l.size = 65536; }), QueueError::size_invalid);
    EXPECT_EQ(with([](QueueLayout& l) { l.descriptors += 8; }), QueueError::ring_unaligned);
    EXPECT_EQ(with([](QueueLayout& l) { l.available += 1; }), QueueError::ring_unaligned);
    EXPECT_EQ(with([](QueueLayout& l) { l.used += 2; }), QueueError::ring_unaligned);
    u64 end = FakeDriver::base + FakeDriver::memory_size;
    EXPECT_EQ(with([&](QueueLayout& l) { l.used = end - 64; }), QueueError::ring_outside_memory);
    EXPECT_EQ(with([&](QueueLayout& l) { l.available = 0; }), QueueError::ring_outside_memory);
    EXPECT_EQ(with([&](QueueLayout& l) { l.descriptors = end; }), QueueError::ring_outside_memory);
    EXPECT_EQ(take(), Take::broken);
}

TEST_F(QueueTest, NotifiesAtTheEventIndex) {
    begin(driver);
    auto serve = [&] {
        u16 head = driver.add({{buffer, 8, true}});
        EXPECT_EQ(take(), Take::chain);
        queue.complete(head, 0);
        driver.collect();
    };
    EXPECT_FALSE(queue.take_notification()); // nothing given back
    driver.set_used_event(2);                // "when the third is there"
    serve();
    EXPECT_FALSE(queue.take_notification());
    serve();
    EXPECT_FALSE(queue.take_notification());
    serve();
    EXPECT_TRUE(queue.take_notification());
    serve();
    EXPECT_FALSE(queue.take_notification()); // the driver did not ask again
    driver.set_used_event(4);
    serve(); // a batch that goes past it
    serve();
    EXPECT_TRUE(queue.take_notification());
}

TEST_F(QueueTest, NotifiesUnlessTheFlagIsSet) {
    FakeDriver plain(8, without_events);
    begin(plain);
    for (bool quiet : {false, true}) {
        plain.set_available_flags(quiet ? VRING_AVAIL_F_NO_INTERRUPT : 0);
        u16 head = plain.add({{plain.allocate(8), 8, true}});
        ASSERT_EQ(take(), Take::chain);
        queue.complete(head, 0);
        plain.collect();
        EXPECT_EQ(queue.take_notification(), !quiet);
    }
}

TEST_F(QueueTest, AsksForKicksByEventIndex) {
    begin(driver);
    u16 head = driver.add({{buffer, 8, true}});
    EXPECT_TRUE(queue.enable_kicks()); // there is something already
    ASSERT_EQ(take(), Take::chain);
    EXPECT_FALSE(queue.enable_kicks());
    EXPECT_EQ(driver.available_event(), 1);
    queue.disable_kicks();
    EXPECT_EQ(driver.used_flags(), 0); // section 2.7.10: flags stay 0
    queue.complete(head, 0);
}

TEST_F(QueueTest, AsksForKicksByFlag) {
    FakeDriver plain(8, without_events);
    begin(plain);
    queue.disable_kicks();
    EXPECT_EQ(plain.used_flags(), VRING_USED_F_NO_NOTIFY);
    EXPECT_FALSE(queue.enable_kicks());
    EXPECT_EQ(plain.used_flags(), 0);
}

} // namespace
} // namespace cloison::io
