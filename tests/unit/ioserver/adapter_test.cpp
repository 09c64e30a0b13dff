// SPDX-License-Identifier: Apache-2.0
// A client's disk through an I/O adapter: lives, calls, servers that come and go, and drivers that
// do what no driver may.
#include "ioserver/linux/adapter/adapter.hpp"
#include "ioserver/linux/block/block_server.hpp"
#include "ioserver/linux/error.hpp"
#include "tests/unit/ioserver/fake_machine.hpp"
#include "tests/unit/ioserver/memory_backend.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <sys/wait.h>
#include <thread>

namespace cloison::io::adapter {
namespace {

constexpr u16 queue_size = 8;

std::vector<core::FunctionPlan> plan_of(const DiskProperties& disk) {
    virtio_blk_config config = block_config(disk);
    const u8* bytes = reinterpret_cast<const u8*>(&config);
    return {{VIRTIO_ID_BLOCK, block_features(disk), {queue_size}, {bytes, bytes + sizeof config}}};
}

/// A server: what there is in a process.
struct Server {
    Server(FakeMachine& machine, bool polls)
        : poll(polls),
          adapter(loop, machine.roots(), FakeMachine::adapter_address, polls) {
        adapter.serve(0, device, "alpha.disk0");
    }
    /// Everything that there is to do.
    void run() {
        loop.later([this] { loop.later([this] { loop.stop(); }); });
        loop.run(poll);
    }

    EventLoop loop;
    bool poll;
    MemoryBackend backend{loop, 64};
    BlockServer device{loop, backend, backend.properties()};
    Adapter adapter;
};

struct AdapterTest : testing::Test {
    explicit AdapterTest(u64 mask = ~u64{0})
        : features(block_features({.sectors = 64}) & mask),
          queue(machine.make_queue(0, queue_size, features)) {}

    void start_server(bool poll = false) {
        server = std::make_unique<Server>(machine, poll);
        server->adapter.start();
        server->run();
    }
    void start_driver() {
        FakeMachine::start_driver(driver, features, {queue.get()});
        turn();
    }
    /// A write of one sector. Its status byte reads 0xFF until it is done.
    void add_write(const std::string& text) {
        u64 header = queue->allocate(16), data = queue->allocate(512);
        status = queue->allocate(1);
        queue->poke<virtio_blk_outhdr>(header, {VIRTIO_BLK_T_OUT, 0, 0});
        std::memcpy(queue->at(data), text.data(), text.size());
        queue->poke<u8>(status, 0xFF);
        queue->add({{header, 16, false}, {data, 512, false}, {status, 1, true}});
    }
    void kick() { driver.kick(0); }
    /// The firmware calls, the server works, the firmware hears of it.
    u32 turn() {
        u32 calls = machine.call_server();
        if (server)
            server->run();
        machine.hear();
        return calls;
    }

    FakeMachine machine{plan_of({.sectors = 64})};
    core::VirtioDriver driver{machine.board};
    u64 features;
    std::unique_ptr<FakeDriver> queue;
    std::unique_ptr<Server> server;
    u64 status = 0;
};

TEST_F(AdapterTest, ServesWhatIsKicked) {
    start_server();
    EXPECT_EQ(machine.server(0).epoch.load(), 1u);
    start_driver();
    server->backend.at_once = true;
    add_write("hello");
    kick();
    u64 bells = server->adapter.doorbells();
    EXPECT_EQ(turn(), 1u);
    EXPECT_EQ(queue->collect().size(), 1u);
    EXPECT_EQ(queue->peek<u8>(status), VIRTIO_BLK_S_OK);
    EXPECT_EQ(server->backend.disk.text(0, 5), "hello");
    EXPECT_EQ(server->adapter.doorbells(), bells + 1);
    EXPECT_NE(load<u32>(machine.doorbell.bytes().data()), 0u);
    // Awake, it let the pin be raised again, so that there is a next time.
    EXPECT_EQ(machine.command() & PCI_COMMAND_INTX_DISABLE, 0);
    add_write("again");
    kick();
    kick();
    EXPECT_EQ(turn(), 1u); // for the second it was known that the server would look
    EXPECT_EQ(server->backend.disk.text(0, 5), "again");
    EXPECT_EQ(machine.server(0).seen[0].load(), machine.page(0).kicks[0].load());
}

TEST_F(AdapterTest, DriverMayComeFirst) {
    start_driver();
    add_write("early");
    kick();
    turn();
    start_server();
    EXPECT_EQ(server->backend.disk.pending().size(), 1u);
}

TEST_F(AdapterTest, ResetEndsWhenNothingIsUnderWay) {
    start_server();
    start_driver();
    add_write("late");
    kick();
    turn();
    ASSERT_EQ(server->backend.disk.pending().size(), 1u);
    driver.begin_reset();
    EXPECT_NE(driver.status(), 0u); // still, and for as long as the server has not let go
    EXPECT_EQ(queue->peek<u8>(status), 0xFF);
    turn();
    EXPECT_EQ(queue->peek<u8>(status), VIRTIO_BLK_S_OK); // carried out, not forgotten
    EXPECT_EQ(driver.status(), 0u);
    EXPECT_EQ(machine.server(0).epoch.load(), 2u);
    std::span<u8> record = machine.in_flight(0, 0);
    EXPECT_TRUE(std::all_of(record.begin(), record.end(), [](u8 byte) { return byte == 0; }));

    queue = machine.make_queue(1, queue_size, features); // elsewhere, in the next life
    start_driver();
    server->backend.at_once = true;
    add_write("life two");
    kick();
    turn();
    EXPECT_EQ(server->backend.disk.text(0, 8), "life two");
}

TEST_F(AdapterTest, HostileRingNeedsReset) {
    start_server();
    start_driver();
    queue->poke<u16>(queue->layout().available + 2, queue_size + 1);
    kick();
    turn();
    EXPECT_EQ(machine.server(0).needs_reset.load(), 1u);
    EXPECT_NE(driver.status() & VIRTIO_CONFIG_S_NEEDS_RESET, 0u);
    driver.begin_reset();
    turn();
    EXPECT_EQ(driver.status(), 0u);
    queue = machine.make_queue(1, queue_size, features);
    start_driver();
    add_write("fine");
    kick();
    turn();
    EXPECT_EQ(server->backend.disk.pending().size(), 1u);
}

/// The server is a process, and it is killed with a request in flight.
TEST_F(AdapterTest, NextServerGoesOn) {
    start_driver();
    add_write("survives");
    kick();
    pid_t child = fork();
    if (child == 0) {
        start_server(); // takes the request, and never answers it
        pause();
    }
    std::span<u8> record = machine.in_flight(0, 0);
    auto taken = [&] {
        return std::any_of(record.begin() + 16, record.end(), [](u8 byte) { return byte != 0; });
    };
    for (int i = 0; i < 10'000 && !taken(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_TRUE(taken());
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    EXPECT_TRUE(queue->collect().empty());

    start_server();
    ASSERT_EQ(server->backend.disk.pending().size(), 1u);
    server->backend.carry_out_all();
    EXPECT_EQ(queue->collect().size(), 1u);
    EXPECT_EQ(server->backend.disk.text(0, 8), "survives");
    EXPECT_EQ(machine.page(0).epoch.load(), 1u);
}

/// A driver whose reset fell between two servers.
TEST_F(AdapterTest, NextServerEndsTheLife) {
    start_server();
    start_driver();
    server.reset();
    driver.begin_reset();
    turn();
    EXPECT_NE(driver.status(), 0u);
    start_server();
    EXPECT_EQ(driver.status(), 0u);
}

TEST_F(AdapterTest, PollingWantsNoCalls) {
    start_server(true);
    EXPECT_NE(machine.command() & PCI_COMMAND_INTX_DISABLE, 0);
    start_driver();
    server->backend.at_once = true;
    add_write("polled");
    kick();
    EXPECT_EQ(turn(), 0u);
    EXPECT_EQ(server->backend.disk.text(0, 6), "polled");
    driver.begin_reset();
    turn();
    EXPECT_EQ(driver.status(), 0u);
}

/// Without event indices a flag says whether kicks are wanted.
struct PlainAdapterTest : AdapterTest {
    PlainAdapterTest() : AdapterTest(~feature_bit(VIRTIO_RING_F_EVENT_IDX)) {}
};

TEST_F(PlainAdapterTest, FromPollingToCallsAndBack) {
    start_server(true);
    start_driver();
    EXPECT_EQ(queue->used_flags(), VRING_USED_F_NO_NOTIFY);
    server.reset();
    start_server(false);
    EXPECT_EQ(queue->used_flags(), 0);
    add_write("called");
    kick();
    EXPECT_EQ(turn(), 1u);
    EXPECT_EQ(server->backend.disk.pending().size(), 1u);
    server.reset();
    start_server(true);
    EXPECT_EQ(queue->used_flags(), VRING_USED_F_NO_NOTIFY);
}

TEST_F(AdapterTest, DiskOfAnotherSizeIsToldToTheDriver) {
    machine.page(0).config[0].store(1); // as if it had been planned so
    start_server();
    start_driver();
    EXPECT_EQ(driver.read(driver.config.address, 4), 64u);
}

TEST_F(AdapterTest, RefusesWhatThePlanDidNotPromise) {
    EventLoop loop;
    Adapter adapter(loop, machine.roots(), FakeMachine::adapter_address, true);
    MemoryBackend backend(loop, 64);
    BlockServer two_queues(loop, backend, {.sectors = 64, .queues = 2});
    EXPECT_THROW(adapter.serve(0, two_queues, "x"), ServerError);
}

TEST_F(AdapterTest, RefusesRecordsThatAreNone) {
    auto& page = abi::IoAdapterRecord(machine.record.bytes().data()).adapter();
    auto refused = [&](auto& field, u64 value) {
        auto before = field;
        field = static_cast<std::decay_t<decltype(field)>>(value);
        EXPECT_THROW(Server(machine, true), ServerError);
        field = before;
    };
    refused(page.magic, 1);
    refused(page.version, 99);
    refused(page.functions, 32);
    refused(page.ram_count, 18);
    refused(page.places[0].function_page, 1000);
    refused(page.places[0].server_page, 1000);
    refused(page.ram[0].size, 64 * mib);
    EXPECT_NO_THROW(Server(machine, true));
}

struct DoorbellsTest : testing::Test {
    FakeMachine machine{plan_of({.sectors = 64})};
    abi::IoAdapterRecord record{machine.record.bytes().data()};
    Doorbells bells{machine.doorbell.bytes().data(), record};
};

TEST_F(DoorbellsTest, AreOneForABatch) {
    {
        Doorbells::Hold outer(bells);
        for (int i = 0; i < 3; ++i) {
            Doorbells::Hold inner(bells);
            bells.ring({2, 5});
            bells.ring({2, abi::no_queue});
            bells.ring({0, 1});
        }
        EXPECT_EQ(bells.count(), 0u);
        EXPECT_EQ(record.bells().functions.load(), 0u);
    }
    EXPECT_EQ(bells.count(), 1u);
    EXPECT_EQ(record.bells().functions.load(), 0b101u);
    EXPECT_EQ(record.bells().queues[2].load(), abi::page_bell | 1u << 5);
    EXPECT_EQ(record.bells().queues[0].load(), 0b10u);
    bells.ring({0, 2}); // not seen yet: beside the other
    EXPECT_EQ(record.bells().queues[0].load(), 0b110u);
    EXPECT_EQ(bells.count(), 2u);
}

TEST_F(DoorbellsTest, AreNotRungForWhoListens) {
    record.adapter().listeners.store(1);
    bells.ring({0, 0});
    EXPECT_EQ(record.bells().functions.load(), 1u);
    EXPECT_EQ(bells.count(), 0u);
    EXPECT_EQ(load<u32>(machine.doorbell.bytes().data()), 0u);
    record.adapter().listeners.store(0);
    bells.ring({0, 1});
    EXPECT_EQ(record.bells().queues[0].load(), 0b11u);
    EXPECT_EQ(bells.count(), 1u);
}

} // namespace
} // namespace cloison::io::adapter
