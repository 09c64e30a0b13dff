// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/serial_line.hpp"

#include "partitions/run/files.hpp"

#include <arpa/inet.h>
#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cloison::run {

namespace {

// Everything up to the far end's close.
std::string read_all(SerialLine& line) {
    std::string text;
    std::array<char, 100> buffer;
    for (;;) {
        pollfd wanted{line.descriptor(), POLLIN, 0};
        poll(&wanted, 1, -1);
        auto bytes = line.read(buffer);
        if (!bytes)
            return text;
        text += *bytes;
    }
}

TEST(SerialLine, FifoDeliversUntilTheWriterCloses) {
    RunFolder folder{{}};
    auto path = folder.path() / "com1";
    SerialLine line = SerialLine::fifo(path);
    EXPECT_EQ(line.bochs_option(), "mode=file, dev=\"" + path.string() + "\"");
    EXPECT_EQ(line.write("x"), 0u); // output only
    int writer = open(path.c_str(), O_WRONLY);
    ASSERT_GE(writer, 0);
    ASSERT_EQ(write(writer, "hello", 5), 5);
    close(writer);
    EXPECT_EQ(read_all(line), "hello");
}

TEST(SerialLine, AFolderCanBeUsedAgain) {
    RunFolder folder{{}};
    SerialLine first = SerialLine::fifo(folder.path() / "com1");
    EXPECT_NO_THROW(SerialLine::fifo(folder.path() / "com1"));
}

TEST(SerialLine, SocketSpeaksBothWaysOnceConnected) {
    SerialLine line = SerialLine::socket();
    EXPECT_FALSE(line.connected());
    EXPECT_EQ(line.write("early"), 0u);
    auto port = line.bochs_option().substr(line.bochs_option().rfind(':') + 1);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int far = ::socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(connect(far, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);

    std::array<char, 10> buffer;
    EXPECT_EQ(line.read(buffer), ""); // this is the connection
    EXPECT_TRUE(line.connected());
    EXPECT_EQ(line.write("in"), 2u);
    EXPECT_EQ(recv(far, buffer.data(), 2, MSG_WAITALL), 2);
    ASSERT_EQ(send(far, "out", 3, 0), 3);
    close(far);
    EXPECT_EQ(read_all(line), "out");
}

TEST(SerialLine, PairEndsWithTheChildsCopy) {
    SerialLine line = SerialLine::pair();
    ASSERT_EQ(write(line.far_end(), "abc", 3), 3);
    line.close_far_end();
    EXPECT_EQ(read_all(line), "abc");
}

} // namespace

} // namespace cloison::run
