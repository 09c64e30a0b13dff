// SPDX-License-Identifier: Apache-2.0
// A guest's console at a pseudo-terminal, a TCP port and a log file, all at one time.
#include "ioserver/linux/console/console_server.hpp"
#include "tests/unit/ioserver/fake_driver.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cloison::io {
namespace {

constexpr u32 receive = 0, transmit = 1, control = ConsoleDevice<GuestRegions>::control_transmit;

struct ConsoleServerTest : testing::Test, QueueEvents {
    ConsoleServerTest() {
        std::string pattern = "/tmp/cloison-console-XXXXXX";
        folder = mkdtemp(pattern.data());
        server.attach(this);
        for (u32 index = 0; index < 4; ++index) {
            FakeDriver& driver = drivers[index];
            EXPECT_EQ(server.start_queue(index, driver.memory(), driver.layout(), server.features(),
                                         driver.record(), 0),
                      QueueError::none);
        }
        u64 open = drivers[control].allocate(sizeof(virtio_console_control));
        drivers[control].poke<virtio_console_control>(open, {0, VIRTIO_CONSOLE_PORT_OPEN, 1});
        drivers[control].add({{open, sizeof(virtio_console_control), false}});
        server.kicked(control);
    }
    ~ConsoleServerTest() override { std::filesystem::remove_all(folder); }
    ConsoleServerTest(const ConsoleServerTest&) = delete;
    ConsoleServerTest& operator=(const ConsoleServerTest&) = delete;

    void notify(u32 queue) override { ++notified[queue]; }
    void broken(u32 queue, QueueError /*error*/) override { ADD_FAILURE() << queue; }
    void config_changed() override {}

    void guest_says(const std::string& text) {
        FakeDriver& driver = drivers[transmit];
        driver.add({{driver.put(text), static_cast<u32>(text.size()), false}});
        server.kicked(transmit);
        EXPECT_EQ(driver.collect().size(), 1u);
    }
    void offer(u32 size) {
        buffer = drivers[receive].allocate(size);
        drivers[receive].add({{buffer, size, true}});
    }
    std::string guest_reads() {
        auto used = drivers[receive].collect();
        return used.empty() ? "" : drivers[receive].text(buffer, used.back().length);
    }
    static std::string read_from(const Descriptor& from) {
        char bytes[256];
        ssize_t length = read(from.get(), bytes, sizeof bytes);
        return {bytes, static_cast<usize>(std::max<ssize_t>(length, 0))};
    }
    static void write_to(const Descriptor& to, const std::string& text) {
        EXPECT_EQ(write(to.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }

    std::string folder;
    EventLoop loop;
    ConsoleServer server{loop, {"console"}};
    FakeDriver drivers[4] = {FakeDriver(8), FakeDriver(8), FakeDriver(8), FakeDriver(8)};
    u64 buffer = 0;
    std::map<u32, int> notified;
};

TEST_F(ConsoleServerTest, LogGetsEverything) {
    server.add(std::make_unique<LogEndpoint>(server.concentrator(), folder + "/log"));
    guest_says("one ");
    guest_says("two");
    std::ifstream file(folder + "/log");
    std::string text;
    std::getline(file, text);
    EXPECT_EQ(text, "one two");
}

TEST_F(ConsoleServerTest, PtyCarriesBothDirections) {
    server.add(std::make_unique<PtyEndpoint>(loop, server.concentrator(), folder + "/pty"));
    guest_says("login: ");
    Descriptor terminal(open((folder + "/pty").c_str(), O_RDWR | O_NOCTTY));
    ASSERT_TRUE(terminal);
    EXPECT_EQ(read_from(terminal), "login: ");
    offer(4);
    write_to(terminal, "root\r");
    loop.turn(1000);
    EXPECT_EQ(guest_reads(), "root"); // raw: no echo, no change
    offer(4);
    server.kicked(receive); // what was typed waited for a buffer
    EXPECT_EQ(guest_reads(), "\r");
    EXPECT_GT(notified[receive], 0);
}

TEST_F(ConsoleServerTest, TcpClientsComeAndGo) {
    auto tcp = std::make_unique<TcpEndpoint>(loop, server.concentrator(), u16{0});
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(tcp->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.add(std::move(tcp));
    Descriptor client(socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    loop.turn(1000);
    guest_says("hello");
    EXPECT_EQ(read_from(client), "hello");
    offer(8);
    write_to(client, "ls\x1D."); // types, then wants to go
    loop.turn(1000);
    EXPECT_EQ(guest_reads(), "ls");
    loop.later([this] { loop.stop(); });
    loop.run(false);
    EXPECT_EQ(read_from(client), ""); // hung up
    guest_says("nobody listens");
}

} // namespace
} // namespace cloison::io
