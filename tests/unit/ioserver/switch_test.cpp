// SPDX-License-Identifier: Apache-2.0
// The switch: who gets a frame, with which tag, and who does not.
#include "ioserver/devices/net/switch.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cloison::io {
namespace {

/// A port that keeps what it is given, as text.
struct Sink final : SwitchPort {
    bool deliver(const Frame& frame) override {
        if (full)
            return false;
        std::string text(frame.size(), '\0');
        EXPECT_EQ(copy_frame(frame, 0, {reinterpret_cast<u8*>(text.data()), text.size()}),
                  frame.size());
        frames.push_back(text);
        headers.push_back(frame.header);
        return true;
    }
    std::string take() {
        std::string all;
        for (const std::string& frame : frames)
            all += frame;
        frames.clear();
        return all;
    }
    std::vector<std::string> frames;
    std::vector<virtio_net_hdr_v1> headers;
    bool full = false;
};

std::string mac(char last) {
    return std::string("\x02\0\0\0\0", 5) + last;
}
const std::string everyone(6, '\xFF');

std::string frame(const std::string& to, const std::string& from, const std::string& tag = "") {
    return to + from + tag + std::string("\x08\x00payload", 9);
}
std::string tag(u32 vlan) {
    return std::string("\x81\x00", 2) + static_cast<char>(vlan >> 8) + static_cast<char>(vlan);
}

struct SwitchTest : testing::Test {
    u32 connect(u32 index, const PortConfig& config) {
        return network.connect(sinks[index], config).value_or(999);
    }
    void send(u32 from, std::string text, const virtio_net_hdr_v1& header = {}) {
        auto* bytes = reinterpret_cast<u8*>(text.data());
        // Cut in two, somewhere in the addresses, as a guest may.
        const Segment pieces[] = {{bytes, 7}, {bytes + 7, static_cast<u32>(text.size() - 7)}};
        network.forward(from, header, pieces, now);
    }

    Switch network;
    Sink sinks[8];
    u64 now = 5000;
};

TEST_F(SwitchTest, FloodsWhatItDoesNotKnowAndLearns) {
    for (u32 i = 0; i < 3; ++i)
        ASSERT_EQ(connect(i, {}), i);
    send(0, frame(mac('b'), mac('a')));
    EXPECT_EQ(sinks[1].take(), frame(mac('b'), mac('a')));
    EXPECT_EQ(sinks[2].take(), frame(mac('b'), mac('a')));
    EXPECT_EQ(sinks[0].take(), ""); // never back
    send(1, frame(mac('a'), mac('b')));
    EXPECT_EQ(sinks[0].take(), frame(mac('a'), mac('b')));
    EXPECT_EQ(sinks[2].take(), ""); // learned
    send(1, frame(everyone, mac('b')));
    EXPECT_EQ(sinks[0].frames.size(), 1u);
    EXPECT_EQ(sinks[2].frames.size(), 1u);
    EXPECT_EQ(network.statistics(1).frames_in, 2u);
    EXPECT_EQ(network.statistics(1).flooded, 1u);
    EXPECT_EQ(network.statistics(0).frames_out, 2u);
}

TEST_F(SwitchTest, AddressOnTheSamePortGoesNowhere) {
    connect(0, {});
    connect(1, {});
    send(0, frame(everyone, mac('a')));
    send(0, frame(everyone, mac('c')));
    sinks[1].take();
    send(0, frame(mac('c'), mac('a')));
    EXPECT_EQ(sinks[0].take() + sinks[1].take(), "");
}

TEST_F(SwitchTest, AddressesMoveAndAge) {
    for (u32 i = 0; i < 3; ++i)
        connect(i, {});
    send(0, frame(everyone, mac('a')));
    send(1, frame(everyone, mac('a'))); // it is there now
    for (Sink& sink : sinks)
        sink.take();
    send(2, frame(mac('a'), mac('c')));
    EXPECT_EQ(sinks[0].take(), "");
    EXPECT_NE(sinks[1].take(), "");
    now += MacTable::ageing_ms;
    send(2, frame(mac('a'), mac('c')));
    EXPECT_NE(sinks[0].take(), "");
    EXPECT_NE(sinks[1].take(), "");
}

TEST_F(SwitchTest, KeepsVlansApart) {
    connect(0, {.vlan = 10});
    connect(1, {.vlan = 10});
    connect(2, {.vlan = 20});
    send(0, frame(everyone, mac('a')));
    EXPECT_NE(sinks[1].take(), "");
    EXPECT_EQ(sinks[2].take(), "");
    // An address learned in one is unknown in the other.
    send(2, frame(mac('a'), mac('z')));
    EXPECT_EQ(sinks[0].take(), "");
}

TEST_F(SwitchTest, AccessPortsNeitherSendNorGetTags) {
    connect(0, {.vlan = 10});
    connect(1, {.vlan = 10});
    connect(2, {.vlan = 0, .trunk = true});
    send(0, frame(everyone, mac('a'), tag(10)));
    EXPECT_EQ(sinks[1].take() + sinks[2].take(), "");
    EXPECT_EQ(network.statistics(0).refused, 1u);
    send(0, frame(everyone, mac('a')));
    EXPECT_EQ(sinks[1].take(), frame(everyone, mac('a')));
    EXPECT_EQ(sinks[2].take(), frame(everyone, mac('a'), tag(10)));
    send(2, frame(everyone, mac('t'), tag(0x600A))); // with a priority
    EXPECT_EQ(sinks[0].take(), frame(everyone, mac('t')));
}

TEST_F(SwitchTest, TrunksCarryTagsAndOneVlanWithout) {
    connect(0, {.vlan = 10, .trunk = true});
    connect(1, {.vlan = 0, .trunk = true});
    connect(2, {.vlan = 10});
    send(0, frame(everyone, mac('a'))); // VLAN 10, since it is not tagged
    EXPECT_EQ(sinks[1].take(), frame(everyone, mac('a'), tag(10)));
    EXPECT_EQ(sinks[2].take(), frame(everyone, mac('a')));
    send(1, frame(everyone, mac('b'))); // of no VLAN
    EXPECT_EQ(sinks[0].take() + sinks[2].take(), "");
    send(1, frame(everyone, mac('b'), tag(0x6014)));
    EXPECT_EQ(sinks[0].take(), frame(everyone, mac('b'), tag(0x6014))); // the priority stays
    EXPECT_EQ(sinks[2].take(), "");
    send(1, frame(everyone, mac('b'), tag(0xFFF)));
    EXPECT_EQ(sinks[0].take(), "");
}

TEST_F(SwitchTest, OffloadOffsetsMoveWithTheTag) {
    connect(0, {.vlan = 10});
    connect(1, {.vlan = 0, .trunk = true});
    virtio_net_hdr_v1 header{};
    header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    header.csum_start = 34;
    header.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
    header.hdr_len = 54;
    send(0, frame(everyone, mac('a')), header);
    EXPECT_EQ(sinks[1].headers.at(0).csum_start, 38);
    EXPECT_EQ(sinks[1].headers.at(0).hdr_len, 58);
    send(1, frame(mac('a'), mac('b'), tag(10)), sinks[1].headers.at(0));
    EXPECT_EQ(sinks[0].headers.at(0).csum_start, 34);
}

TEST_F(SwitchTest, RefusesWhatIsNoFrame) {
    connect(0, {.vlan = 0, .trunk = true});
    connect(1, {.vlan = 0, .trunk = true});
    send(0, frame(mac('b'), everyone)); // from a group
    send(0, frame(std::string("\x01\x80\xC2\0\0\x00", 6), mac('a'), tag(5)));
    send(0, mac('b') + mac('a') + "x");
    send(0, mac('b') + mac('a') + tag(5)); // ends in its tag
    EXPECT_EQ(network.statistics(0).refused, 4u);
    EXPECT_EQ(sinks[1].take(), "");
}

TEST_F(SwitchTest, LimitsFloods) {
    connect(0, {.flood_limit = 5});
    connect(1, {});
    for (int i = 0; i < 20; ++i)
        send(0, frame(everyone, mac('a')));
    EXPECT_EQ(sinks[1].frames.size(), 5u);
    EXPECT_EQ(network.statistics(0).over_limit, 15u);
    now += 400; // two more
    for (int i = 0; i < 20; ++i)
        send(0, frame(everyone, mac('a')));
    EXPECT_EQ(sinks[1].frames.size(), 7u);
    send(1, frame(mac('a'), mac('b'))); // what is not flooded is not limited
    EXPECT_EQ(sinks[0].frames.size(), 1u);
}

/// A guest that invents addresses neither fills the table nor moves its neighbours' out.
TEST_F(SwitchTest, OnePortLearnsOnlySoManyAddresses) {
    for (u32 i = 0; i < 3; ++i)
        connect(i, {.flood_limit = 1'000'000});
    send(1, frame(everyone, mac('b')));
    for (u32 i = 0; i < 20'000; ++i)
        send(0, frame(everyone, std::string("\x02\x01\x01", 3) + static_cast<char>(i >> 16) +
                                    static_cast<char>(i >> 8) + static_cast<char>(i)));
    for (Sink& sink : sinks)
        sink.take();
    send(2, frame(mac('b'), mac('c')));
    EXPECT_EQ(sinks[0].take(), "");
    EXPECT_NE(sinks[1].take(), "");
}

TEST_F(SwitchTest, CountsWhatHadNoRoom) {
    connect(0, {});
    connect(1, {});
    sinks[1].full = true;
    send(0, frame(everyone, mac('a')));
    EXPECT_EQ(network.statistics(1).dropped_out, 1u);
    EXPECT_EQ(network.statistics(1).frames_out, 0u);
}

TEST_F(SwitchTest, PortsAndVlansHaveLimits) {
    EXPECT_EQ(connect(0, {.vlan = 0}), 999u);
    EXPECT_EQ(connect(0, {.vlan = 4095}), 999u);
    for (u32 i = 0; i < Switch::max_ports; ++i)
        EXPECT_EQ(connect(0, {}), i);
    EXPECT_EQ(connect(0, {}), 999u);
}

} // namespace
} // namespace cloison::io
