// SPDX-License-Identifier: Apache-2.0
// The block device under requests as Linux makes them, as it never would, and out of order.
#include "ioserver/devices/block/block_device.hpp"
#include "tests/unit/ioserver/fake_driver.hpp"
#include "tests/unit/ioserver/memory_disk.hpp"

#include <gtest/gtest.h>

namespace cloison::io {
namespace {

constexpr u64 disk_sectors = 64;
constexpr u8 untouched = 0xEE;

DiskProperties properties() {
    DiskProperties disk;
    disk.sectors = disk_sectors;
    disk.discard = true;
    disk.serial = {'s', 'e', 'r', 'i', 'a', 'l'};
    return disk;
}

/// One guest with one disk on one queue.
struct Guest {
    explicit Guest(const DiskProperties& disk = properties(), u64 without = 0)
        : device(storage, disk),
          driver(16) {
        EXPECT_EQ(device.start_queue(0, driver.memory(), driver.layout(),
                                     device.features() & ~without, driver.record(), 0),
                  QueueError::none);
    }

    /// Makes a request available; gives where its status will be.
    u64 request(u32 type, u64 sector, std::vector<FakeDriver::Buffer> data) {
        u64 header = driver.allocate(sizeof(virtio_blk_outhdr)), status = driver.allocate(1);
        driver.poke<virtio_blk_outhdr>(header, {type, 0, sector});
        driver.poke<u8>(status, untouched);
        data.insert(data.begin(), {header, sizeof(virtio_blk_outhdr), false});
        data.push_back({status, 1, true});
        driver.add(data);
        return status;
    }
    /// The same, and all the way through.
    u8 run(u32 type, u64 sector, const std::vector<FakeDriver::Buffer>& data) {
        u64 status = request(type, sector, data);
        device.serve(0);
        storage.carry_out_all();
        device.reap();
        used = driver.collect();
        EXPECT_EQ(used.size(), 1u);
        return driver.peek<u8>(status);
    }
    u8 run_range(u32 type, u64 sector, u32 sectors, u32 flags) {
        u64 range = driver.allocate(sizeof(virtio_blk_discard_write_zeroes));
        driver.poke<virtio_blk_discard_write_zeroes>(range, {sector, sectors, flags});
        return run(type, 0, {{range, sizeof(virtio_blk_discard_write_zeroes), false}});
    }

    MemoryDisk storage{disk_sectors};
    BlockDevice<GuestRegions, MemoryDisk, 4> device;
    FakeDriver driver;
    std::vector<FakeDriver::Used> used;
};

struct BlockTest : testing::Test {
    Guest guest;
    FakeDriver& driver = guest.driver;
    MemoryDisk& storage = guest.storage;
    u64 page = driver.allocate(4096);
};

TEST_F(BlockTest, WritesAndReadsBack) {
    u64 text = driver.put(std::string(512, 'a') + std::string(1024, 'b'));
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_OUT, 3, {{text, 512, false}, {text + 512, 1024, false}}),
              VIRTIO_BLK_S_OK);
    EXPECT_EQ(guest.used[0].length, 1u);
    EXPECT_EQ(storage.text(3 * 512, 1536), driver.text(text, 1536));
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_IN, 3, {{page, 100, true}, {page + 100, 1436, true}}),
              VIRTIO_BLK_S_OK);
    EXPECT_EQ(guest.used[0].length, 1537u);
    EXPECT_EQ(driver.text(page, 1536), driver.text(text, 1536));
}

TEST_F(BlockTest, DataIsNotCopiedOnTheWay) {
    guest.request(VIRTIO_BLK_T_IN, 0, {{page, 4096, true}});
    guest.device.serve(0);
    ASSERT_EQ(storage.pending().size(), 1u);
    ASSERT_EQ(storage.pending()[0].data.size(), 1u);
    EXPECT_EQ(storage.pending()[0].data[0].data, driver.at(page));
}

/// Section 2.7.4.2: how a driver cuts its buffers means nothing.
TEST_F(BlockTest, HeaderAndStatusMayBeAnywhere) {
    u64 all = driver.allocate(16 + 512);
    driver.poke<virtio_blk_outhdr>(all, {VIRTIO_BLK_T_OUT, 0, 5});
    std::memset(driver.at(all + 16), 'x', 512);
    driver.add({{all, 7, false}, {all + 7, 16 - 7 + 512, false}, {page, 1, true}});
    guest.device.serve(0);
    storage.carry_out();
    guest.device.reap();
    EXPECT_EQ(driver.collect().size(), 1u);
    EXPECT_EQ(storage.text(5 * 512, 512), std::string(512, 'x'));
    driver.poke<u32>(all, VIRTIO_BLK_T_IN);
    driver.add({{all, 16, false}, {page, 513, true}}); // data and status in one
    guest.device.serve(0);
    storage.carry_out();
    guest.device.reap();
    EXPECT_EQ(driver.text(page, 512), std::string(512, 'x'));
    EXPECT_EQ(driver.peek<u8>(page + 512), VIRTIO_BLK_S_OK);
}

TEST_F(BlockTest, StaysOnTheDisk) {
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_IN, 63, {{page, 512, true}}), VIRTIO_BLK_S_OK);
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_IN, 63, {{page, 1024, true}}), VIRTIO_BLK_S_IOERR);
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_IN, 64, {{page, 512, true}}), VIRTIO_BLK_S_IOERR);
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_OUT, ~u64{0}, {{page, 1024, false}}), VIRTIO_BLK_S_IOERR);
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_OUT, u64{1} << 55, {{page, 512, false}}), VIRTIO_BLK_S_IOERR);
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_IN, 0, {{page, 100, true}}), VIRTIO_BLK_S_IOERR);
    EXPECT_EQ(guest.run_range(VIRTIO_BLK_T_DISCARD, 63, 2, 0), VIRTIO_BLK_S_IOERR);
    EXPECT_EQ(guest.run_range(VIRTIO_BLK_T_WRITE_ZEROES, 1, ~u32{0}, 0), VIRTIO_BLK_S_IOERR);
}

TEST_F(BlockTest, CompletesOutOfOrder) {
    u64 first = guest.request(VIRTIO_BLK_T_IN, 0, {{page, 512, true}});
    u64 second = guest.request(VIRTIO_BLK_T_IN, 1, {{page + 512, 512, true}});
    guest.device.serve(0);
    storage.carry_out(1);
    EXPECT_TRUE(guest.device.reap());
    EXPECT_EQ(driver.collect().size(), 1u);
    EXPECT_EQ(driver.peek<u8>(first), untouched);
    EXPECT_EQ(driver.peek<u8>(second), VIRTIO_BLK_S_OK);
    EXPECT_EQ(guest.device.busy(0), 1u);
    storage.carry_out(0);
    guest.device.reap();
    EXPECT_EQ(driver.peek<u8>(first), VIRTIO_BLK_S_OK);
    EXPECT_EQ(guest.device.busy(0), 0u);
}

TEST_F(BlockTest, FailsAsTheBackEndDoes) {
    storage.status = BlockStatus::io_error;
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_IN, 0, {{page, 512, true}}), VIRTIO_BLK_S_IOERR);
    EXPECT_EQ(guest.used[0].length, 1u);
}

TEST_F(BlockTest, WaitsForRoom) {
    storage.room = 1;
    for (u64 i = 0; i < 5; ++i)
        guest.request(VIRTIO_BLK_T_IN, i, {{page, 512, true}});
    usize returned = 0;
    for (int i = 0; i < 5; ++i) {
        EXPECT_FALSE(guest.device.serve(0));
        ASSERT_EQ(storage.pending().size(), 1u);
        EXPECT_EQ(storage.pending()[0].offset, static_cast<u64>(i) * 512);
        EXPECT_EQ(guest.device.blocked(), i < 4);
        storage.carry_out();
        guest.device.reap();
        returned += driver.collect().size();
    }
    EXPECT_EQ(returned, 5u);
}

TEST_F(BlockTest, WaitsForASlot) {
    for (u64 i = 0; i < 5; ++i)
        guest.request(VIRTIO_BLK_T_FLUSH, 0, {});
    guest.device.serve(0);
    EXPECT_EQ(storage.pending().size(), 4u);
    EXPECT_TRUE(guest.device.blocked());
    storage.carry_out();
    guest.device.reap();
    guest.device.serve(0);
    EXPECT_EQ(storage.pending().size(), 4u);
}

TEST_F(BlockTest, FlushesWithoutData) {
    guest.request(VIRTIO_BLK_T_FLUSH, 0, {});
    guest.device.serve(0);
    ASSERT_EQ(storage.pending().size(), 1u);
    EXPECT_EQ(storage.pending()[0].operation, BlockOperation::flush);
}

TEST_F(BlockTest, WritesAreDurableForDriversThatCannotFlush) {
    guest.request(VIRTIO_BLK_T_OUT, 0, {{page, 512, false}});
    guest.device.serve(0);
    EXPECT_FALSE(storage.pending().at(0).durable);
    Guest old(properties(), feature_bit(VIRTIO_BLK_F_FLUSH));
    old.request(VIRTIO_BLK_T_OUT, 0, {{old.driver.allocate(512), 512, false}});
    old.device.serve(0);
    EXPECT_TRUE(old.storage.pending().at(0).durable);
    old.storage.carry_out_all();
    old.device.reap();
    old.driver.collect();
    EXPECT_EQ(old.run(VIRTIO_BLK_T_FLUSH, 0, {}), VIRTIO_BLK_S_UNSUPP);
}

TEST_F(BlockTest, DiscardsAndWritesZeroes) {
    std::ranges::fill(storage.bytes(), u8{'z'});
    EXPECT_EQ(guest.run_range(VIRTIO_BLK_T_DISCARD, 1, 2, 0), VIRTIO_BLK_S_OK);
    EXPECT_EQ(storage.text(512, 1024), std::string(1024, '\0'));
    EXPECT_EQ(storage.text(0, 512) + storage.text(1536, 512), std::string(1024, 'z'));
    EXPECT_EQ(guest.run_range(VIRTIO_BLK_T_WRITE_ZEROES, 4, 1, 1), VIRTIO_BLK_S_OK);
    EXPECT_EQ(storage.text(2048, 513), std::string(512, '\0') + 'z');
    EXPECT_EQ(guest.run_range(VIRTIO_BLK_T_WRITE_ZEROES, 4, 1, 2), VIRTIO_BLK_S_UNSUPP);
    EXPECT_EQ(guest.run_range(VIRTIO_BLK_T_DISCARD, 4, 1, 1), VIRTIO_BLK_S_UNSUPP);
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_DISCARD, 0, {{page, 15, false}}), VIRTIO_BLK_S_IOERR);
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_DISCARD, 0, {{page, 32, false}}), VIRTIO_BLK_S_IOERR);
}

TEST_F(BlockTest, TellsItsSerial) {
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_GET_ID, 0, {{page, 20, true}}), VIRTIO_BLK_S_OK);
    EXPECT_EQ(driver.text(page, 7), std::string("serial\0", 7));
    EXPECT_EQ(guest.used[0].length, 21u);
    EXPECT_EQ(guest.run(VIRTIO_BLK_T_GET_ID, 0, {{page, 3, true}}), VIRTIO_BLK_S_OK);
    EXPECT_EQ(guest.run(77, 0, {}), VIRTIO_BLK_S_UNSUPP);
}

TEST_F(BlockTest, ReadOnlyStaysAsItIs) {
    DiskProperties disk = properties();
    disk.read_only = true;
    Guest reader(disk);
    u64 data = reader.driver.allocate(512);
    EXPECT_NE(reader.device.features() & feature_bit(VIRTIO_BLK_F_RO), 0u);
    EXPECT_EQ(reader.device.features() & feature_bit(VIRTIO_BLK_F_DISCARD), 0u);
    EXPECT_EQ(reader.run(VIRTIO_BLK_T_OUT, 0, {{data, 512, false}}), VIRTIO_BLK_S_IOERR);
    EXPECT_EQ(reader.run_range(VIRTIO_BLK_T_WRITE_ZEROES, 0, 1, 0), VIRTIO_BLK_S_IOERR);
    EXPECT_EQ(reader.run(VIRTIO_BLK_T_IN, 0, {{data, 512, true}}), VIRTIO_BLK_S_OK);
}

TEST_F(BlockTest, RequestWithoutRoomForItsStatusBreaksTheQueue) {
    driver.add({{page, 16, false}});
    guest.device.serve(0);
    EXPECT_EQ(guest.device.queue(0).error(), QueueError::request_malformed);
    Guest other;
    other.driver.add({{other.driver.allocate(16), 15, false}, {other.driver.allocate(1), 1, true}});
    other.device.serve(0);
    EXPECT_EQ(other.device.queue(0).error(), QueueError::request_malformed);
}

TEST_F(BlockTest, BrokenQueueIsLeftAlone) {
    u64 status = guest.request(VIRTIO_BLK_T_IN, 0, {{page, 512, true}});
    guest.device.serve(0);
    driver.poke<u16>(driver.layout().available + 2, 1000);
    guest.device.serve(0);
    ASSERT_EQ(guest.device.queue(0).error(), QueueError::index_jump);
    storage.carry_out();
    guest.device.reap();
    EXPECT_TRUE(driver.collect().empty());
    EXPECT_EQ(driver.peek<u8>(status), untouched);
    EXPECT_EQ(guest.device.busy(0), 0u);
}

TEST_F(BlockTest, QueuesAreApart) {
    DiskProperties disk = properties();
    disk.queues = 2;
    MemoryDisk shared(disk_sectors);
    BlockDevice<GuestRegions, MemoryDisk> device(shared, disk);
    FakeDriver second(16);
    ASSERT_EQ(device.start_queue(0, driver.memory(), driver.layout(), device.features(),
                                 driver.record(), 0),
              QueueError::none);
    ASSERT_EQ(device.start_queue(1, second.memory(), second.layout(), device.features(),
                                 second.record(), 0),
              QueueError::none);
    driver.offer(999); // breaks its own
    device.serve(0);
    EXPECT_FALSE(device.queue(0).running());
    u64 header = second.allocate(16), status = second.allocate(1);
    second.poke<virtio_blk_outhdr>(header, {VIRTIO_BLK_T_FLUSH, 0, 0});
    second.add({{header, 16, false}, {status, 1, true}});
    device.serve(1);
    shared.carry_out_all();
    device.reap();
    EXPECT_EQ(second.collect().size(), 1u);
}

TEST_F(BlockTest, ConfigurationSpace) {
    virtio_blk_config config{};
    guest.device.read_config(0, {reinterpret_cast<u8*>(&config), sizeof config});
    EXPECT_EQ(config.capacity, disk_sectors);
    EXPECT_EQ(config.seg_max, 126u);
    EXPECT_EQ(config.max_discard_seg, 1u);
    u8 tail[16];
    guest.device.read_config(sizeof config - 4, tail);
    guest.device.read_config(~u32{0}, tail);
    EXPECT_EQ(tail[0], 0);
}

/// A server killed with writes under way: the next carries them out, each is given back once.
TEST_F(BlockTest, RestartKeepsWhatWasInFlight) {
    std::vector<u64> status;
    for (u32 i = 0; i < 3; ++i) {
        u64 text = driver.put(std::string(512, static_cast<char>('a' + i)));
        status.push_back(guest.request(VIRTIO_BLK_T_OUT, i, {{text, 512, false}}));
    }
    guest.device.serve(0);
    storage.carry_out(1);
    guest.device.reap(); // one is done, two die with the server
    MemoryDisk after(disk_sectors);
    BlockDevice<GuestRegions, MemoryDisk> next(after, properties());
    ASSERT_EQ(
        next.start_queue(0, driver.memory(), driver.layout(), next.features(), driver.record(), 0),
        QueueError::none);
    next.serve(0);
    EXPECT_EQ(after.pending().size(), 2u);
    after.carry_out_all();
    next.reap();
    EXPECT_EQ(driver.collect().size(), 3u);
    for (u64 at : status)
        EXPECT_EQ(driver.peek<u8>(at), VIRTIO_BLK_S_OK);
    EXPECT_EQ(after.text(0, 1) + after.text(1024, 1), "ac");
}

} // namespace
} // namespace cloison::io
