// SPDX-License-Identifier: Apache-2.0
// The console as Linux's virtio_console driver brings it up and uses it, and the entropy device.
#include "ioserver/devices/console/console_device.hpp"
#include "ioserver/devices/rng/rng_device.hpp"
#include "tests/unit/ioserver/fake_driver.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace cloison::io {
namespace {

using Console = ConsoleDevice<GuestRegions>;

constexpr ConsolePort ports[] = {{"console", true}, {"channel", false}};

/// Takes so many bytes, then none.
struct Reader {
    usize take(u32 port, std::span<const u8> bytes) {
        usize taken = std::min(bytes.size(), room);
        room -= taken;
        text[port].append(reinterpret_cast<const char*>(bytes.data()), taken);
        return taken;
    }
    std::map<u32, std::string> text;
    usize room = 1000;
};

struct ConsoleTest : testing::Test {
    ConsoleTest() {
        for (u32 index = 0; index < console.queues(); ++index) {
            drivers.push_back(std::make_unique<FakeDriver>(16));
            start(console, index);
        }
    }
    void start(Console& on, u32 index) {
        FakeDriver& driver = *drivers[index];
        EXPECT_EQ(on.start_queue(index, driver.memory(), driver.layout(), on.features(),
                                 driver.record(), 0),
                  QueueError::none);
    }
    FakeDriver& driver(u32 index) { return *drivers[index]; }
    void offer(u32 index, u32 size) {
        u64 buffer = driver(index).allocate(size);
        buffers[index][driver(index).add({{buffer, size, true}})] = buffer;
    }
    /// What came back at a queue of buffers, each between brackets.
    std::string received(u32 index) {
        std::string all;
        for (FakeDriver::Used used : driver(index).collect())
            all += "[" + driver(index).text(buffers[index][used.head], used.length) + "]";
        return all;
    }
    void tell_device(u32 id, u16 event, u16 value) {
        FakeDriver& from = driver(Console::control_transmit);
        u64 at = from.allocate(sizeof(virtio_console_control));
        from.poke<virtio_console_control>(at, {id, event, value});
        from.add({{at, sizeof(virtio_console_control), false}});
        console.serve_control();
        from.collect();
    }
    void write(u32 port, const std::string& text) {
        FakeDriver& from = driver(Console::transmit_queue(port));
        from.add({{from.put(text), static_cast<u32>(text.size()), false}});
    }
    static std::string message(u32 id, u16 event, u16 value, const std::string& name = "") {
        virtio_console_control control{id, event, value};
        return "[" + std::string(reinterpret_cast<const char*>(&control), sizeof control) + name +
               "]";
    }

    Console console{ports};
    std::vector<std::unique_ptr<FakeDriver>> drivers;
    std::map<u32, std::map<u16, u64>> buffers;
    Reader reader;
};

TEST_F(ConsoleTest, ConfigurationSaysHowManyPorts) {
    virtio_console_config config{};
    console.read_config(0, {reinterpret_cast<u8*>(&config), sizeof config});
    EXPECT_EQ(config.max_nr_ports, 2u);
    EXPECT_EQ(console.queues(), 6u);
    EXPECT_EQ(Console::receive_queue(0), 0u);
    EXPECT_EQ(Console::receive_queue(1), 4u);
    EXPECT_EQ(Console::transmit_queue(1), 5u);
}

TEST_F(ConsoleTest, PortsComeUpAsLinuxWantsThem) {
    for (int i = 0; i < 8; ++i)
        offer(Console::control_receive, 64);
    tell_device(VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 1);
    EXPECT_EQ(received(Console::control_receive),
              message(0, VIRTIO_CONSOLE_PORT_ADD, 1) + message(1, VIRTIO_CONSOLE_PORT_ADD, 1));
    tell_device(0, VIRTIO_CONSOLE_PORT_READY, 1);
    EXPECT_EQ(received(Console::control_receive),
              message(0, VIRTIO_CONSOLE_CONSOLE_PORT, 1) +
                  message(0, VIRTIO_CONSOLE_PORT_NAME, 1, "console") +
                  message(0, VIRTIO_CONSOLE_PORT_OPEN, 0));
    console.control().set_far_end(0, true);
    console.tell();
    EXPECT_EQ(received(Console::control_receive), message(0, VIRTIO_CONSOLE_PORT_OPEN, 1));
    console.control().set_far_end(1, true); // the driver does not know it yet
    console.tell();
    EXPECT_EQ(received(Console::control_receive), "");
}

TEST_F(ConsoleTest, MessagesWaitForBuffers) {
    tell_device(VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 1);
    offer(Console::control_receive, 64);
    console.tell();
    EXPECT_EQ(received(Console::control_receive), message(0, VIRTIO_CONSOLE_PORT_ADD, 1));
    offer(Console::control_receive, 64);
    console.tell();
    EXPECT_EQ(received(Console::control_receive), message(1, VIRTIO_CONSOLE_PORT_ADD, 1));
}

/// A server that was killed told the driver something, nobody knows what.
TEST_F(ConsoleTest, NextServerTellsAllAgain) {
    for (int i = 0; i < 8; ++i)
        offer(Console::control_receive, 64);
    tell_device(VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 1);
    received(Console::control_receive);
    Console next{ports};
    for (u32 index = 0; index < next.queues(); ++index)
        start(next, index);
    next.tell();
    EXPECT_EQ(received(Console::control_receive),
              message(0, VIRTIO_CONSOLE_PORT_ADD, 1) + message(1, VIRTIO_CONSOLE_PORT_ADD, 1));
    offer(Console::receive_queue(0), 8);
    const u8 bytes[] = {'l', 's'};
    EXPECT_EQ(next.receive(0, bytes), 2u); // the driver will not say again that it is open
    EXPECT_EQ(received(Console::receive_queue(0)), "[ls]");
}

TEST_F(ConsoleTest, OutputWaitsForItsReader) {
    write(0, "hello ");
    write(0, "world");
    reader.room = 8;
    EXPECT_FALSE(console.transmit(0, reader));
    EXPECT_EQ(reader.text[0], "hello wo");
    EXPECT_EQ(driver(1).collect().size(), 1u); // the second is not done
    reader.room = 100;
    console.transmit(0, reader);
    EXPECT_EQ(reader.text[0], "hello world");
    EXPECT_EQ(driver(1).collect().size(), 1u);
    write(1, "other");
    console.transmit(1, reader);
    EXPECT_EQ(reader.text[1], "other");
}

TEST_F(ConsoleTest, InputGoesWhereItIsRead) {
    std::string text = "input";
    std::span<const u8> bytes(reinterpret_cast<const u8*>(text.data()), text.size());
    offer(4, 3);
    EXPECT_EQ(console.receive(1, bytes), 0u); // nobody has opened it in the guest
    tell_device(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    EXPECT_EQ(console.receive(1, bytes), 3u);
    EXPECT_EQ(received(4), "[inp]");
    offer(4, 3);
    EXPECT_EQ(console.receive(1, bytes.subspan(3)), 2u);
    EXPECT_EQ(received(4), "[ut]");
    tell_device(1, VIRTIO_CONSOLE_PORT_OPEN, 0);
    offer(4, 3);
    EXPECT_EQ(console.receive(1, bytes), 0u);
}

TEST_F(ConsoleTest, SenselessMessagesMeanNothing) {
    offer(Console::control_receive, 64);
    tell_device(2, VIRTIO_CONSOLE_PORT_READY, 1);
    tell_device(0xFFFF'FFFF, VIRTIO_CONSOLE_PORT_OPEN, 1);
    tell_device(0, 77, 1);
    FakeDriver& from = driver(Console::control_transmit);
    from.add({{from.allocate(8), 7, false}}); // too short
    console.serve_control();
    EXPECT_EQ(received(Console::control_receive), "");
    EXPECT_TRUE(console.queue(Console::control_transmit).running());
}

TEST_F(ConsoleTest, BuffersOfTheWrongKindBreakTheirQueue) {
    driver(1).add({{driver(1).allocate(8), 8, true}}); // output that is to be written
    console.transmit(0, reader);
    EXPECT_EQ(console.queue(1).error(), QueueError::request_malformed);
    EXPECT_TRUE(console.queue(0).running());
}

/// A server that dies in the middle of a write: the next one hands all of it over again.
TEST_F(ConsoleTest, RestartGoesOnWithTheWriteThatWasUnderWay) {
    write(0, "0123456789");
    reader.room = 4;
    console.transmit(0, reader);
    Console next(ports);
    start(next, 1);
    Reader after;
    next.transmit(0, after);
    EXPECT_EQ(after.text[0], "0123456789");
    EXPECT_EQ(driver(1).collect().size(), 1u);
}

struct Counter {
    usize fill(std::span<u8> bytes) {
        usize filled = std::min(bytes.size(), limit);
        for (u8& byte : bytes.first(filled))
            byte = next++;
        limit -= filled;
        return filled;
    }
    u8 next = 1;
    usize limit = 1'000'000;
};

TEST(RngDeviceTest, FillsWhatIsOffered) {
    Counter counter;
    RngDevice<GuestRegions, Counter> device(counter);
    FakeDriver driver(8);
    ASSERT_EQ(
        device.start_queue(driver.memory(), driver.layout(), device.features(), driver.record(), 0),
        QueueError::none);
    u64 a = driver.allocate(4), b = driver.allocate(8192);
    driver.add({{a, 4, true}, {b, 8192, true}});
    device.serve();
    EXPECT_EQ(driver.collect().at(0).length, 4096u); // a limit for each request
    EXPECT_EQ(driver.text(a, 4) + driver.text(b, 1), "\1\2\3\4\5");
    counter.limit = 3; // the source runs dry
    driver.add({{a, 4, true}});
    device.serve();
    EXPECT_EQ(driver.collect().at(0).length, 3u);
    driver.add({{a, 4, false}});
    device.serve();
    EXPECT_EQ(device.queue().error(), QueueError::request_malformed);
}

} // namespace
} // namespace cloison::io
