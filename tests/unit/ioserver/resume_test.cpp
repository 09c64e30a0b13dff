// SPDX-License-Identifier: Apache-2.0
// Servers that are killed at any moment: the next one goes on, no request is lost, none is given
// back twice.
#include "tests/unit/ioserver/fake_driver.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>
#include <set>

namespace cloison::io {
namespace {

struct ResumeTest : testing::Test {
    FakeDriver driver{8};
    u64 buffer = driver.allocate(64);
    std::array<Segment, 8> storage;
    Chain chain;
};

TEST_F(ResumeTest, GivesWhatWasInFlightFirstAndInTurn) {
    Queue<GuestRegions> first, second;
    ASSERT_EQ(driver.start(first), QueueError::none);
    u16 heads[4];
    for (u16& head : heads)
        head = driver.add({{buffer, 8, true}});
    for (int i = 0; i < 3; ++i)
        ASSERT_EQ(first.take(storage, chain), Take::chain);
    first.complete(heads[1], 0);
    ASSERT_EQ(driver.collect().size(), 1u);

    ASSERT_EQ(driver.start(second), QueueError::none);
    EXPECT_EQ(second.in_flight(), 2u);
    EXPECT_TRUE(second.has_available());
    for (u16 expected : {heads[0], heads[2], heads[3]}) {
        ASSERT_EQ(second.take(storage, chain), Take::chain);
        EXPECT_EQ(chain.head, expected);
    }
    EXPECT_EQ(second.take(storage, chain), Take::nothing);
    EXPECT_TRUE(second.take_notification()); // the first one may not have said so
}

TEST_F(ResumeTest, RefusesRecordsThatAreNot) {
    Queue<GuestRegions> queue;
    ASSERT_EQ(driver.start(queue), QueueError::none);
    std::span<u8> record = driver.record();
    EXPECT_EQ(queue.start(driver.memory(), driver.layout(), driver.features(), record.first(72)),
              QueueError::record_invalid); // no room for eight
    record[0] = 2;                         // another version
    EXPECT_EQ(driver.start(queue), QueueError::record_invalid);
    record[0] = 1;
    record[4] = 16; // another queue's
    EXPECT_EQ(driver.start(queue), QueueError::record_invalid);
    record[4] = 8;
    EXPECT_EQ(driver.start(queue), QueueError::none);
    record[8 + 6] = record[8 + 7] = 0; // a completion under way, for a chain that cannot be
    record[8 + 4] = 8;
    EXPECT_EQ(driver.start(queue), QueueError::record_invalid);
}

/// Two requests with the same turn: no record that we wrote.
TEST_F(ResumeTest, RefusesTicketsThatAreNot) {
    Queue<GuestRegions> queue;
    ASSERT_EQ(driver.start(queue), QueueError::none);
    driver.record()[16] = driver.record()[24] = 1;
    ASSERT_EQ(driver.start(queue), QueueError::none);
    EXPECT_EQ(queue.take(storage, chain), Take::chain);
    EXPECT_EQ(queue.take(storage, chain), Take::broken);
    EXPECT_EQ(queue.error(), QueueError::record_invalid);
}

struct CrashTest : testing::Test {
    FakeDriver driver{4};
    u64 buffer = driver.allocate(64);
    std::array<Segment, 8> storage;
    Chain chain;

    [[nodiscard]] std::vector<u8> used_ring() {
        u8* at = driver.at(driver.layout().used);
        return {at, at + 6 + 8 * driver.layout().size};
    }
};

/// The stores of take() and complete(), in their order, and a kill after each of them: whatever
/// prefix of them is in memory, the next server ends with the same used ring.
TEST_F(CrashTest, EveryPrefixOfACompletionResumes) {
    Queue<GuestRegions> queue;
    ASSERT_EQ(driver.start(queue), QueueError::none);
    u16 other = driver.add({{buffer, 8, true}}), head = driver.add({{buffer, 8, true}});
    ASSERT_EQ(queue.take(storage, chain), Take::chain);
    ASSERT_EQ(queue.take(storage, chain), Take::chain);
    std::vector<u8> before(driver.record().begin(), driver.record().end());
    std::vector<u8> used_before = used_ring();
    queue.complete(head, 7);
    std::vector<u8> after(driver.record().begin(), driver.record().end());
    std::vector<u8> used_after = used_ring();

    // What complete() stores, one by one: note, used element, ticket, used index, the driver's.
    struct Store {
        std::vector<u8>*from, *into;
        usize at, size;
    };
    std::vector<u8> record, used;
    const Store stores[] = {{&after, &record, 8, 8},
                            {&used_after, &used, 4, 8},
                            {&after, &record, 16 + 8u * head, 8},
                            {&after, &record, 6, 2},
                            {&used_after, &used, 2, 2}};
    for (usize done = 0; done <= std::size(stores); ++done) {
        record = before;
        used = used_before;
        for (const Store& store : std::span(stores).first(done))
            std::copy_n(store.from->begin() + static_cast<long>(store.at), store.size,
                        store.into->begin() + static_cast<long>(store.at));
        std::copy(record.begin(), record.end(), driver.record().begin());
        std::copy(used.begin(), used.end(), driver.at(driver.layout().used));

        Queue<GuestRegions> next;
        ASSERT_EQ(driver.start(next), QueueError::none);
        EXPECT_EQ(next.next_available(), 2) << done;
        if (done == 0) { // nothing happened yet: it is in flight
            EXPECT_EQ(next.in_flight(), 2u);
            continue;
        }
        EXPECT_EQ(used_ring(), used_after) << done;
        EXPECT_TRUE(std::ranges::equal(driver.record(), after)) << done;
        ASSERT_EQ(next.take(storage, chain), Take::chain);
        EXPECT_EQ(chain.head, other);
        EXPECT_EQ(next.take(storage, chain), Take::nothing);
    }
}

/// A random driver, and servers that live for a few steps each.
TEST_F(CrashTest, NothingIsLostOrGivenBackTwice) {
    std::mt19937 random(7);
    auto below = [&](u32 n) { return static_cast<u32>(random() % n); };
    u32 offered = 0, returned = 0;
    std::set<u16> with_device;
    for (int life = 0; life < 2000; ++life) {
        Queue<GuestRegions> queue;
        ASSERT_EQ(driver.start(queue), QueueError::none);
        std::deque<u16> taken;
        for (u32 step = below(12); step > 0; --step) {
            if (below(2) == 0 && with_device.size() < 4) {
                with_device.insert(driver.add({{buffer, 8, true}}));
                ++offered;
            }
            if (below(2) == 0 && queue.take(storage, chain) == Take::chain)
                taken.push_back(chain.head);
            if (below(2) == 0 && !taken.empty()) {
                usize which = below(static_cast<u32>(taken.size()));
                queue.complete(taken[which], 0);
                taken.erase(taken.begin() + static_cast<long>(which));
            }
            for (FakeDriver::Used used : driver.collect()) {
                ASSERT_EQ(with_device.erase(used.head), 1u);
                ++returned;
            }
        }
        ASSERT_EQ(queue.error(), QueueError::none);
    }
    Queue<GuestRegions> last;
    ASSERT_EQ(driver.start(last), QueueError::none);
    while (last.take(storage, chain) == Take::chain)
        last.complete(chain.head, 0);
    returned += static_cast<u32>(driver.collect().size());
    EXPECT_EQ(returned, offered);
    EXPECT_GT(offered, 1000u);
}

} // namespace
} // namespace cloison::io
