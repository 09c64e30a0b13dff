// SPDX-License-Identifier: Apache-2.0
// A vhost-user front end that says what it likes: what makes no sense ends its connection, and
// nothing else.
#include "ioserver/linux/rng/rng_server.hpp"
#include "ioserver/linux/vhost_user/session.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <sys/socket.h>
#include <unistd.h>

namespace cloison::io::vhost_user {
namespace {

struct SessionTest : testing::Test {
    SessionTest() {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        front = Descriptor(ends[0]);
        session = std::make_unique<Session>(loop, device, Descriptor(ends[1]), "test", false,
                                            [this] { session.reset(); });
    }
    /// Sends a request; its descriptors are copies of `files`.
    void send(RequestId request, const void* payload, usize size, std::vector<int> files = {},
              u32 flags = flag_version) {
        Header header{static_cast<u32>(request), flags, static_cast<u32>(size)};
        iovec pieces[] = {{&header, sizeof header}, {const_cast<void*>(payload), size}};
        alignas(cmsghdr) u8 control[256] = {};
        msghdr message{};
        message.msg_iov = pieces;
        message.msg_iovlen = 2;
        if (!files.empty()) {
            message.msg_control = control;
            message.msg_controllen = CMSG_SPACE(files.size() * sizeof(int));
            cmsghdr* part = CMSG_FIRSTHDR(&message);
            part->cmsg_level = SOL_SOCKET;
            part->cmsg_type = SCM_RIGHTS;
            part->cmsg_len = CMSG_LEN(files.size() * sizeof(int));
            std::memcpy(CMSG_DATA(part), files.data(), files.size() * sizeof(int));
        }
        EXPECT_GT(sendmsg(front.get(), &message, MSG_NOSIGNAL), 0);
        loop.turn(0);
    }
    void send(RequestId request, u64 number) { send(request, &number, sizeof number); }
    void send_event(RequestId request, const Descriptor& event) { // of ring 0
        u64 index = 0;
        send(request, &index, sizeof index, {event.get()});
    }
    void send(RequestId request, u32 index, u32 number) {
        vhost_vring_state state{index, number};
        send(request, &state, sizeof state);
    }
    template <typename T>
    T reply() {
        struct {
            Header header;
            T payload;
        } __attribute__((packed)) answer{};
        EXPECT_EQ(recv(front.get(), &answer, sizeof answer, MSG_DONTWAIT), ssize_t{sizeof answer});
        EXPECT_EQ(answer.header.flags, flag_version | flag_reply);
        return answer.payload;
    }
    [[nodiscard]] bool alive() const { return session != nullptr; }

    EventLoop loop;
    RngServer device{loop};
    Descriptor front;
    std::unique_ptr<Session> session;
};

TEST_F(SessionTest, NegotiatesFeatures) {
    send(RequestId::get_features, nullptr, 0);
    u64 offered = reply<u64>();
    EXPECT_EQ(offered, queue_features | feature_bit(feature_protocol_features));
    send(RequestId::set_features, offered);
    EXPECT_TRUE(alive());
    send(RequestId::set_features, u64{1} << 63);
    EXPECT_FALSE(alive());
}

TEST_F(SessionTest, AnswersWhatItDoesNotKnow) {
    u64 number = 0;
    send(static_cast<RequestId>(99), &number, sizeof number, {}, flag_version | flag_need_reply);
    EXPECT_EQ(reply<u64>(), 1u);
    send(RequestId::set_owner, nullptr, 0, {}, flag_version | flag_need_reply);
    EXPECT_EQ(reply<u64>(), 0u);
    EXPECT_TRUE(alive());
}

TEST_F(SessionTest, ReadsConfigurationWithinItsLimits) {
    Config config{0, 16, 0, {}};
    send(RequestId::get_config, &config, config_header_size + 16);
    EXPECT_EQ((reply<std::array<u8, config_header_size + 16>>()[4]), 16);
    config.size = max_config_size + 1;
    send(RequestId::get_config, &config, config_header_size);
    EXPECT_FALSE(alive());
}

TEST_F(SessionTest, RingWithoutSenseIsRefused) {
    send(RequestId::set_vring_num, 1u, 8u); // the device has one
    EXPECT_FALSE(alive());
}

TEST_F(SessionTest, RingOutsideTheMemoryIsRefused) {
    Descriptor memory = make_shared_memory("guest", 0x10000), kick = make_event();
    MemoryTable table{1, 0, {{{0x1000, 0x10000, 0x7000'0000, 0}}}};
    send(RequestId::set_mem_table, &table, sizeof table, {memory.get()});
    send(RequestId::set_features, feature_bit(VIRTIO_F_VERSION_1));
    send(RequestId::set_vring_num, 0u, 8u);
    vhost_vring_addr address{};
    address.desc_user_addr = 0x7000'0000;
    address.avail_user_addr = 0x7000'1000;
    address.used_user_addr = 0x7001'0000; // just behind
    send(RequestId::set_vring_addr, &address, sizeof address);
    EXPECT_TRUE(alive());
    send_event(RequestId::set_vring_kick, kick);
    EXPECT_FALSE(alive());
}

TEST_F(SessionTest, RingThatIsSoundRuns) {
    Descriptor memory = make_shared_memory("guest", 0x10000), kick = make_event(),
               call = make_event();
    Mapping guest(memory, 0, 0x10000);
    MemoryTable table{1, 0, {{{0x1000, 0x10000, 0x7000'0000, 0}}}};
    send(RequestId::set_mem_table, &table, sizeof table, {memory.get()});
    send(RequestId::set_features, feature_bit(VIRTIO_F_VERSION_1));
    send(RequestId::set_vring_num, 0u, 8u);
    send(RequestId::set_vring_base, 0u, 0u);
    vhost_vring_addr address{};
    address.desc_user_addr = 0x7000'0000;
    address.avail_user_addr = 0x7000'1000;
    address.used_user_addr = 0x7000'2000;
    send(RequestId::set_vring_addr, &address, sizeof address);
    send_event(RequestId::set_vring_call, call);
    send_event(RequestId::set_vring_kick, kick);
    vring_desc descriptor{0x1000 + 0x3000, 32, VRING_DESC_F_WRITE, 0};
    std::memcpy(guest.bytes().data(), &descriptor, sizeof descriptor);
    store<u16>(guest.bytes().data() + 0x1002, 1);
    signal_event(kick);
    loop.turn(0);
    EXPECT_EQ(load<u16>(guest.bytes().data() + 0x2002), 1);
    EXPECT_EQ(load<u32>(guest.bytes().data() + 0x2008), 32u);
    u64 count = 0;
    EXPECT_EQ(read(call.get(), &count, sizeof count), ssize_t{sizeof count});
    send(RequestId::set_vring_num, 0u, 16u); // while it runs
    EXPECT_FALSE(alive());
}

TEST_F(SessionTest, MemoryThatIsNotThereIsRefused) {
    Descriptor memory = make_shared_memory("guest", 0x1000);
    MemoryTable table{1, 0, {{{0, 0x2000, 0, 0}}}};
    send(RequestId::set_mem_table, &table, sizeof table, {memory.get()}); // too short
    EXPECT_FALSE(alive());
}

TEST_F(SessionTest, TableWithoutItsDescriptorsIsRefused) {
    MemoryTable table{8, 0, {}};
    send(RequestId::set_mem_table, &table, sizeof table);
    EXPECT_FALSE(alive());
}

TEST_F(SessionTest, RecordsNeedRoom) {
    Inflight asked{0, 0, 1, 64};
    send(RequestId::get_inflight_fd, &asked, sizeof asked);
    auto given = reply<Inflight>();
    EXPECT_EQ(given.mmap_size, InflightRecord::bytes(64));
    Descriptor memory = make_shared_memory("record", 4096);
    Inflight small{InflightRecord::bytes(64) - 1, 0, 1, 64};
    send(RequestId::set_inflight_fd, &small, sizeof small, {memory.get()});
    EXPECT_FALSE(alive());
}

TEST_F(SessionTest, MessagesThatAreNoneEndIt) {
    Header header{1, 2, 0}; // another version
    ASSERT_GT(write(front.get(), &header, sizeof header), 0);
    loop.turn(0);
    EXPECT_FALSE(alive());
}

TEST_F(SessionTest, LongMessageEndsIt) {
    Header header{1, flag_version, 0x7FFF'FFFF};
    ASSERT_GT(write(front.get(), &header, sizeof header), 0);
    loop.turn(0);
    EXPECT_FALSE(alive());
}

TEST_F(SessionTest, FrontEndThatGoesEndsIt) {
    front = {};
    loop.turn(0);
    EXPECT_FALSE(alive());
}

} // namespace
} // namespace cloison::io::vhost_user
