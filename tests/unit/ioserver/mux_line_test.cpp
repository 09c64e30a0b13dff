// SPDX-License-Identifier: Apache-2.0
// Consoles on one line, as who is at the other end of it sees them.
#include "ioserver/linux/console/mux_line.hpp"
#include "ioserver/linux/error.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <unistd.h>

namespace cloison::io {
namespace {

struct MuxLineTest : testing::Test {
    MuxLineTest() : outside(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
        grantpt(outside.get());
        unlockpt(outside.get());
        line = std::make_unique<MuxLine>(loop, ptsname(outside.get()));
        line->add(first);
        line->add(second);
    }
    void send(u32 channel, const std::string& text) {
        for (char c : text) {
            auto sequence = mux.encode(channel, static_cast<u8>(c));
            ASSERT_EQ(write(outside.get(), sequence.bytes, sequence.count), sequence.count);
        }
        loop.turn(100);
    }
    /// All that has come, by channel.
    std::map<u32, std::string> receive() {
        std::map<u32, std::string> all;
        char buffer[4096];
        for (int idle = 0; idle < 3; ++idle) {
            for (ssize_t length; (length = read(outside.get(), buffer, sizeof buffer)) > 0;
                 idle = 0)
                for (ssize_t i = 0; i < length; ++i)
                    if (auto output = demux.feed(static_cast<u8>(buffer[i])); output.valid)
                        all[output.channel] += static_cast<char>(output.byte);
            loop.turn(10);
        }
        return all;
    }

    EventLoop loop;
    std::string typed[2];
    usize room = ~usize{0}; // of the second console's guest
    Concentrator first{[this](std::string_view text) {
        typed[0] += text;
        return text.size();
    }};
    Concentrator second{[this](std::string_view text) {
        usize taken = std::min(room, text.size());
        typed[1] += text.substr(0, taken);
        room -= taken;
        return taken;
    }};
    Descriptor outside;
    std::unique_ptr<MuxLine> line;
    abi::ConsoleMux mux;
    abi::ConsoleDemux demux;
};

TEST_F(MuxLineTest, CarriesAllConsoles) {
    first.output("one");
    second.output("two\x10\r\n");
    first.output("!");
    auto seen = receive();
    EXPECT_EQ(seen[1], "one!");
    EXPECT_EQ(seen[2], "two\x10\r\n");
    send(2, "b\x10");
    send(1, "a");
    send(0, "nobody");
    send(3, "nobody");
    EXPECT_EQ(typed[0], "a");
    EXPECT_EQ(typed[1], "b\x10");
}

/// A reader who is slow gets all that the consoles keep, and none keeps the others from it.
TEST_F(MuxLineTest, WaitsForTheLine) {
    std::string much(20'000, 'x');
    first.output(much);
    second.output("short");
    auto seen = receive();
    EXPECT_GE(seen[1].size(), Concentrator::history);
    EXPECT_EQ(seen[2], "short");
}

TEST_F(MuxLineTest, InputWaitsForItsGuestOnly) {
    room = 2;
    send(2, "hello");
    send(1, "there");
    EXPECT_EQ(typed[0], "there");
    EXPECT_EQ(typed[1], "he");
    room = 100'000;
    line->resume();
    EXPECT_EQ(typed[1], "hello");
    room = 0;
    send(2, std::string(2000, 'x'));
    send(2, std::string(2000, 'x'));
    send(2, std::string(2000, 'x'));
    room = 100'000;
    line->resume();
    EXPECT_LE(typed[1].size(), 5 + MuxLine::most_input);
}

TEST_F(MuxLineTest, LineThatGoesIsNotWaitedFor) {
    outside = {};
    loop.turn(100);
    first.output("anybody?");
    loop.turn(0);
    EXPECT_THROW(MuxLine(loop, "/dev/null"), ServerError);
    EXPECT_THROW(MuxLine(loop, "/no/such/line"), ServerError);
}

} // namespace
} // namespace cloison::io
