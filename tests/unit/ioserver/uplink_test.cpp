// SPDX-License-Identifier: Apache-2.0
// A switch's uplink at an interface whose wire is a file descriptor (a TAP interface). Without the
// right to make one, there is nothing to test with.
#include "ioserver/linux/error.hpp"
#include "ioserver/linux/net/uplink.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cloison::io {
namespace {

/// A port that keeps what it is given.
struct Sink final : NetworkPort {
    bool deliver(const Frame& frame) override {
        std::string bytes(frame.size(), '\0');
        copy_frame(frame, 0, {reinterpret_cast<u8*>(bytes.data()), bytes.size()});
        frames.push_back(bytes);
        return true;
    }
    void flush() override {}
    std::vector<std::string> frames;
};

struct UplinkTest : testing::Test {
    static constexpr const char* name = "cloison-test0";

    void SetUp() override {
        wire = Descriptor(open("/dev/net/tun", O_RDWR | O_NONBLOCK));
        ifreq request{};
        std::strcpy(request.ifr_name, name);
        request.ifr_flags = IFF_TAP | IFF_NO_PI;
        if (!wire || ioctl(wire.get(), TUNSETIFF, &request) != 0)
            GTEST_SKIP() << "no TAP interface can be made here";
        for (u16 vlan : {u16{1}, u16{5}})
            ports.push_back(network.connect(sinks[vlan == 1 ? 0 : 1], {.vlan = vlan}));
        uplink = std::make_unique<Uplink>(loop, network, name);
    }
    static std::string frame(const std::string& tag) {
        return std::string("\xFF\xFF\xFF\xFF\xFF\xFF\x02\0\0\0\0\x09", 12) + tag + "\x88\xB5" +
               std::string(50, 'x');
    }
    /// The next frame of ours on the wire; the kernel has some of its own.
    std::string next_on_wire() {
        char buffer[2048];
        for (ssize_t length; (length = read(wire.get(), buffer, sizeof buffer)) > 0;)
            if (length > 60 && buffer[length - 1] == 'x')
                return {buffer, static_cast<usize>(length)};
        return {};
    }
    void send(u32 from, std::string bytes) {
        Segment segment{reinterpret_cast<u8*>(bytes.data()), static_cast<u32>(bytes.size())};
        network.forward(ports[from], {}, {&segment, 1});
        network.flush();
    }

    EventLoop loop;
    Network network;
    Sink sinks[2]; // of VLAN 1 and of VLAN 5
    std::vector<u32> ports;
    Descriptor wire;
    std::unique_ptr<Uplink> uplink;
};

TEST_F(UplinkTest, FramesComeInByTheirVlan) {
    for (const std::string& tag : {std::string(), std::string("\x81\0\0\x05", 4)}) {
        std::string sent = frame(tag);
        ASSERT_EQ(write(wire.get(), sent.data(), sent.size()), static_cast<ssize_t>(sent.size()));
        for (int i = 0; i < 100 && sinks[tag.empty() ? 0 : 1].frames.empty(); ++i)
            loop.turn(20);
    }
    ASSERT_GE(sinks[0].frames.size(), 1u);
    ASSERT_EQ(sinks[1].frames.size(), 1u);
    EXPECT_EQ(sinks[0].frames.back(), frame(""));
    EXPECT_EQ(sinks[1].frames.back(), frame("")); // the tag is the switch's business
}

TEST_F(UplinkTest, FramesGoOutWithTheirVlan) {
    send(0, frame(""));
    EXPECT_EQ(next_on_wire(), frame(""));
    send(1, frame(""));
    EXPECT_EQ(next_on_wire(), frame(std::string("\x81\0\0\x05", 4)));
    loop.turn(20);
    EXPECT_TRUE(sinks[0].frames.empty()); // nothing comes back
    EXPECT_EQ(network.statistics(uplink->port()).frames_out, 2u);
}

TEST_F(UplinkTest, InterfacesThatAreNoneAreRefused) {
    EXPECT_THROW(Uplink(loop, network, "no-such-iface"), ServerError);
    EXPECT_THROW(Uplink(loop, network, "a-name-that-is-too-long"), ServerError);
    EXPECT_THROW(Uplink(loop, network, ""), ServerError);
}

} // namespace
} // namespace cloison::io
