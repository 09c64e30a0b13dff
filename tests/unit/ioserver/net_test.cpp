// SPDX-License-Identifier: Apache-2.0
// The network device: frames out, frames in, and what is done in software for drivers that cannot.
#include "ioserver/devices/net/net_device.hpp"
#include "tests/unit/ioserver/fake_driver.hpp"

#include <gtest/gtest.h>

namespace cloison::io {
namespace {

constexpr MacAddress own_mac{2, 0, 0, 0, 0, 1};
constexpr usize net_header = sizeof(virtio_net_hdr_v1);

struct Sent {
    void send(const virtio_net_hdr_v1& header, std::span<const Segment> frame) {
        headers.push_back(header);
        std::string text(total_size(frame), '\0');
        copy_out(frame, 0, {reinterpret_cast<u8*>(text.data()), text.size()});
        frames.push_back(text);
    }
    std::vector<virtio_net_hdr_v1> headers;
    std::vector<std::string> frames;
};

struct Guest {
    explicit Guest(u64 features = net_features) : receive(64, features), transmit(16, features) {
        EXPECT_EQ(start(NetDevice<GuestRegions>::receive_queue, receive), QueueError::none);
        EXPECT_EQ(start(NetDevice<GuestRegions>::transmit_queue, transmit), QueueError::none);
    }
    QueueError start(u32 index, FakeDriver& driver) {
        return device.start_queue(index, driver.memory(), driver.layout(), driver.features(),
                                  driver.record(), 0);
    }
    void offer(u32 count, u32 size) {
        for (; count > 0; --count) {
            u64 buffer = receive.allocate(size);
            buffers[receive.add({{buffer, size, true}})] = buffer;
        }
    }
    /// The bytes of all buffers that were given back, the first's header apart.
    std::string received() {
        std::string all;
        used = receive.collect();
        for (FakeDriver::Used one : used)
            all += receive.text(buffers[one.head], one.length);
        if (all.size() < net_header)
            return "";
        std::memcpy(&header, all.data(), net_header);
        return all.substr(net_header);
    }
    Sent send(virtio_net_hdr_v1 with, const std::string& frame) {
        std::string all(reinterpret_cast<const char*>(&with), net_header);
        transmit.add(
            {{transmit.put(all + frame), static_cast<u32>(net_header + frame.size()), false}});
        Sent sent;
        device.transmit(sent);
        return sent;
    }

    NetDevice<GuestRegions> device{own_mac};
    FakeDriver receive, transmit;
    std::map<u16, u64> buffers;
    std::vector<FakeDriver::Used> used;
    virtio_net_hdr_v1 header{};
};

/// A frame to be delivered, its first 12 bytes in the copy.
struct Arriving {
    explicit Arriving(std::string text) : bytes(std::move(text)) {
        auto* at = reinterpret_cast<u8*>(bytes.data());
        body = {at, static_cast<u32>(bytes.size())};
        frame.head = {at, 12};
        frame.body = {&body, 1};
        frame.body_offset = 12;
        frame.body_size = bytes.size() - 12;
    }
    std::string bytes;
    Segment body;
    Frame frame;
};

u16 checksum_of(const std::string& text, usize from) {
    ChecksumSum sum;
    sum.add(std::span(reinterpret_cast<const u8*>(text.data()) + from, text.size() - from));
    return sum.folded();
}
u32 word(const std::string& text, usize at) {
    return static_cast<u8>(text[at]) * 256u + static_cast<u8>(text[at + 1]);
}

constexpr usize tcp_at = 34, payload_at = 54;

/// TCP over IPv4, the pseudo header's sum where the checksum goes, flags PSH, FIN and CWR.
std::string tcp_frame(usize payload) {
    std::string text(payload_at, '\0');
    text.replace(0, 14, std::string("\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0", 14));
    text[14] = 0x45;
    text[23] = 6;
    text.replace(26, 8, std::string("\x0A\0\0\1\x0A\0\0\2", 8));
    text.replace(tcp_at + 4, 4, std::string("\xFF\xFF\xFF\xF0", 4)); // the sequence number wraps
    text[tcp_at + 12] = 0x50;
    text[tcp_at + 13] = static_cast<char>(0x99);
    for (usize i = 0; i < payload; ++i)
        text += static_cast<char>(i * 7);
    return text;
}
virtio_net_hdr_v1 tcp_header(u16 gso_size) {
    virtio_net_hdr_v1 header{};
    header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    header.csum_start = tcp_at;
    header.csum_offset = 16;
    header.gso_type = gso_size > 0 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_NONE;
    header.gso_size = gso_size;
    return header;
}

TEST(NetDeviceTest, SendsFramesAsTheyAre) {
    Guest guest;
    std::string text(60, 'x');
    Sent sent = guest.send({}, text);
    ASSERT_EQ(sent.frames.size(), 1u);
    EXPECT_EQ(sent.frames[0], text);
    EXPECT_EQ(guest.transmit.collect().size(), 1u);
}

TEST(NetDeviceTest, DropsFramesThatMakeNoSense) {
    Guest guest;
    virtio_net_hdr_v1 header = tcp_header(100);
    EXPECT_EQ(guest.send(header, tcp_frame(300)).frames.size(), 1u);
    header.csum_start = 0xFFFF;
    EXPECT_EQ(guest.send(header, tcp_frame(300)).frames.size(), 0u);
    header = tcp_header(100);
    header.gso_size = 0;
    EXPECT_EQ(guest.send(header, tcp_frame(300)).frames.size(), 0u);
    header = tcp_header(100);
    header.gso_type = VIRTIO_NET_HDR_GSO_UDP; // not offered
    EXPECT_EQ(guest.send(header, tcp_frame(300)).frames.size(), 0u);
    EXPECT_EQ(guest.send({}, "short").frames.size(), 0u);
    EXPECT_EQ(guest.transmit.collect().size(), 5u); // each given back all the same
    Guest plain(queue_features);
    EXPECT_EQ(plain.send(tcp_header(0), tcp_frame(300)).frames.size(), 0u);
}

TEST(NetDeviceTest, RequestWithoutAHeaderBreaksTheQueue) {
    Guest guest;
    guest.transmit.add({{guest.transmit.allocate(16), 11, false}});
    Sent sent;
    guest.device.transmit(sent);
    EXPECT_EQ(guest.device.queue(1).error(), QueueError::request_malformed);
    EXPECT_TRUE(guest.device.queue(0).running());
}

TEST(NetDeviceTest, ReceivesIntoOneBuffer) {
    Guest guest;
    guest.offer(1, 2000);
    Arriving arriving(std::string(100, 'y'));
    EXPECT_TRUE(guest.device.receive(arriving.frame));
    EXPECT_EQ(guest.received(), arriving.bytes);
    EXPECT_EQ(guest.header.num_buffers, 1);
    EXPECT_EQ(guest.used.at(0).length, net_header + 100);
    EXPECT_FALSE(guest.device.receive(arriving.frame)); // no buffer left
}

TEST(NetDeviceTest, MergesBuffersAndShowsThemAtOneTime) {
    Guest guest;
    guest.offer(4, 100);
    Arriving arriving(tcp_frame(200));
    EXPECT_TRUE(guest.device.receive(arriving.frame));
    EXPECT_EQ(guest.received(), arriving.bytes);
    EXPECT_EQ(guest.header.num_buffers, 3);
    EXPECT_EQ(guest.used.size(), 3u);
    EXPECT_FALSE(guest.device.receive(arriving.frame)); // the one that is left is kept
    Arriving small(std::string(60, 's'));
    EXPECT_TRUE(guest.device.receive(small.frame));
    EXPECT_EQ(guest.received(), small.bytes);
}

TEST(NetDeviceTest, DoesNotMergeUnlessAsked) {
    Guest guest(net_features & ~feature_bit(VIRTIO_NET_F_MRG_RXBUF));
    guest.offer(4, 100);
    Arriving arriving(tcp_frame(200));
    EXPECT_FALSE(guest.device.receive(arriving.frame));
    EXPECT_EQ(guest.received(), "");
}

TEST(NetDeviceTest, PassesOffloadsOnToWhoTakesThem) {
    Guest guest;
    guest.offer(2, 4000);
    Arriving arriving(tcp_frame(3000));
    arriving.frame.header = tcp_header(1000);
    EXPECT_TRUE(guest.device.receive(arriving.frame));
    EXPECT_EQ(guest.received(), arriving.bytes);
    EXPECT_EQ(guest.header.gso_size, 1000);
    EXPECT_EQ(guest.header.csum_start, tcp_at);
}

TEST(NetDeviceTest, FinishesChecksumsForWhoDoesNot) {
    Guest guest(net_features & ~feature_bit(VIRTIO_NET_F_GUEST_CSUM));
    guest.offer(2, 4000);
    Arriving arriving(tcp_frame(101)); // odd
    arriving.frame.header = tcp_header(0);
    EXPECT_TRUE(guest.device.receive(arriving.frame));
    std::string text = guest.received();
    EXPECT_EQ(guest.header.flags, 0);
    EXPECT_EQ(checksum_of(text, tcp_at), 0xFFFF); // what the field held before is in the sum
    EXPECT_NE(word(text, tcp_at + 16), 0u);
}

TEST(NetDeviceTest, CutsSegmentsForWhoTakesNoLargeOnes) {
    Guest guest(net_features &
                ~(feature_bit(VIRTIO_NET_F_GUEST_TSO4) | feature_bit(VIRTIO_NET_F_GUEST_CSUM)));
    guest.offer(4, 2000);
    Arriving arriving(tcp_frame(2500));
    arriving.frame.header = tcp_header(1000);
    EXPECT_TRUE(guest.device.receive(arriving.frame));
    std::string payload;
    auto used = guest.receive.collect();
    ASSERT_EQ(used.size(), 3u);
    for (usize i = 0; i < used.size(); ++i) {
        std::string text =
            guest.receive.text(guest.buffers[used[i].head], used[i].length).substr(net_header);
        usize length = i < 2 ? 1000 : 500;
        ASSERT_EQ(text.size(), payload_at + length);
        EXPECT_EQ(word(text, 16), 40 + length);                     // IPv4: total length
        EXPECT_EQ(word(text, 18), i);                               // identification
        EXPECT_EQ(checksum_of(text.substr(0, tcp_at), 14), 0xFFFF); // header checksum
        EXPECT_EQ(word(text, tcp_at + 4) << 16 | word(text, tcp_at + 6),
                  static_cast<u32>(0xFFFFFFF0 + 1000 * i));
        EXPECT_EQ(static_cast<u8>(text[tcp_at + 13]), i == 0 ? 0x90 : i == 1 ? 0x10 : 0x19);
        // The segment and its pseudo header: addresses, protocol, length.
        std::string pseudo = text.substr(26, 8) + std::string("\0\6", 2) +
                             static_cast<char>((20 + length) >> 8) + static_cast<char>(20 + length);
        EXPECT_EQ(checksum_of(pseudo + text.substr(tcp_at), 0), 0xFFFF);
        payload += text.substr(payload_at);
    }
    EXPECT_EQ(payload, arriving.bytes.substr(payload_at));
}

TEST(NetDeviceTest, LinkAndConfiguration) {
    Guest guest;
    guest.offer(1, 2000);
    virtio_net_config config{};
    guest.device.read_config(0, {reinterpret_cast<u8*>(&config), sizeof config});
    EXPECT_EQ(config.mac[5], 1);
    EXPECT_EQ(config.status, VIRTIO_NET_S_LINK_UP);
    guest.device.set_link(false);
    Arriving arriving(std::string(100, 'y'));
    EXPECT_FALSE(guest.device.receive(arriving.frame));
    guest.device.read_config(6, {reinterpret_cast<u8*>(&config), 2});
    EXPECT_EQ(config.mac[0], 0);
}

TEST(NetDeviceTest, StoppingGivesBuffersBack) {
    Guest guest(net_features & ~feature_bit(VIRTIO_NET_F_MRG_RXBUF));
    guest.offer(2, 100);
    Arriving arriving(tcp_frame(200));
    EXPECT_FALSE(guest.device.receive(arriving.frame)); // took one to look at it
    guest.device.stop_queue(0);
    auto used = guest.receive.collect();
    ASSERT_EQ(used.size(), 1u);
    EXPECT_EQ(used[0].length, 0u);
}

} // namespace
} // namespace cloison::io
