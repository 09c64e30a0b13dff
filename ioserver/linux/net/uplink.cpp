// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/net/uplink.hpp"

#include "ioserver/linux/error.hpp"
#include "ioserver/linux/net/frame_pieces.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace cloison::io {

namespace {

constexpr u32 frames_at_once = 64;
constexpr usize tag_size = 4, tag_at = usize{2} * ETH_ALEN; // IEEE 802.1Q, section 9.6

/// The header that packet sockets have before a frame: without num_buffers.
using PacketHeader = virtio_net_hdr;

int index_of(const Descriptor& socket, const std::string& name, ifreq& request) {
    if (name.empty() || name.size() >= sizeof request.ifr_name)
        throw ServerError("network interface '" + name + "': no name for an interface");
    std::memcpy(request.ifr_name, name.data(), name.size());
    if (ioctl(socket.get(), SIOCGIFINDEX, &request) != 0)
        throw system_error("network interface '" + name + "'", errno);
    return request.ifr_ifindex;
}

template <typename T>
void set_option(const Descriptor& socket, int option, const T& value, const std::string& name) {
    if (setsockopt(socket.get(), SOL_PACKET, option, &value, sizeof value) != 0)
        throw system_error("network interface '" + name + "'", errno);
}

Descriptor open_interface(const std::string& name) {
    Descriptor made(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); // bound below
    if (!made)
        throw system_error("no packet socket", errno);
    ifreq request{};
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = index_of(made, name, request);
    if (ioctl(made.get(), SIOCGIFFLAGS, &request) != 0)
        throw system_error("network interface '" + name + "'", errno);
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    if (ioctl(made.get(), SIOCSIFFLAGS, &request) != 0)
        throw system_error("network interface '" + name + "'", errno);
    packet_mreq all{};
    all.mr_ifindex = address.sll_ifindex;
    all.mr_type = PACKET_MR_PROMISC;
    set_option(made, PACKET_ADD_MEMBERSHIP, all, name); // ends with the socket
    set_option(made, PACKET_VNET_HDR, 1, name);
    set_option(made, PACKET_AUXDATA, 1, name); // interfaces may have taken the tag off
    set_option(made, PACKET_IGNORE_OUTGOING, 1, name);
    if (bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw system_error("network interface '" + name + "'", errno);
    return made;
}

/// The tag that the interface took off a frame, as it was in it.
std::optional<std::array<u8, tag_size>> tag_of(msghdr& message) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
        tpacket_auxdata data{};
        if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA ||
            part->cmsg_len < CMSG_LEN(sizeof data))
            continue;
        std::memcpy(&data, CMSG_DATA(part), sizeof data);
        if ((data.tp_status & TP_STATUS_VLAN_VALID) == 0)
            return std::nullopt;
        u32 type = (data.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? data.tp_vlan_tpid
                                                                     : u32{ETH_P_8021Q};
        return std::array<u8, tag_size>{static_cast<u8>(type >> 8), static_cast<u8>(type),
                                        static_cast<u8>(data.tp_vlan_tci >> 8),
                                        static_cast<u8>(data.tp_vlan_tci)};
    }
    return std::nullopt;
}

} // namespace

Uplink::Uplink(EventLoop& loop, Network& network, const std::string& name)
    : loop_(loop),
      network_(network),
      socket_(open_interface(name)),
      port_(network.connect(*this, {.vlan = 1, .trunk = true})),
      buffer_(max_frame + tag_size) {
    loop_.watch(socket_.get(), EPOLLIN, [this] { on_frames(); });
}

Uplink::~Uplink() {
    loop_.forget(socket_.get());
}

void Uplink::on_frames() {
    for (u32 count = 0; count < frames_at_once && receive(); ++count) {
    }
    network_.flush();
}

/// The frame comes behind room for a tag.
bool Uplink::receive() {
    PacketHeader short_header{};
    alignas(cmsghdr) std::array<u8, CMSG_SPACE(sizeof(tpacket_auxdata))> control{};
    std::array<iovec, 2> pieces{
        {{&short_header, sizeof short_header}, {buffer_.data() + tag_size, max_frame}}};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t length = recvmsg(socket_.get(), &message, 0);
    if (length < 0)
        return false;
    auto size = static_cast<usize>(length);
    if (size < sizeof short_header + ETH_HLEN || (message.msg_flags & MSG_TRUNC) != 0)
        return true;
    virtio_net_hdr_v1 header{};
    std::memcpy(&header, &short_header, sizeof short_header);
    header.flags &= VIRTIO_NET_HDR_F_NEEDS_CSUM; // the rest is between kernel and interface
    u8* frame = buffer_.data() + tag_size;
    size -= sizeof short_header;
    if (auto tag = tag_of(message)) {
        std::memmove(buffer_.data(), frame, tag_at);
        frame = buffer_.data();
        std::memcpy(frame + tag_at, tag->data(), tag_size);
        size += tag_size;
        if ((header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)
            header.csum_start = static_cast<u16>(header.csum_start + tag_size);
        if (header.gso_type != VIRTIO_NET_HDR_GSO_NONE)
            header.hdr_len = static_cast<u16>(header.hdr_len + tag_size);
    }
    Segment segment{frame, static_cast<u32>(size)};
    network_.forward(port_, header, {&segment, 1});
    return true;
}

/// The kernel drops what it has no room for, as a wire would.
bool Uplink::deliver(const Frame& frame) {
    PacketHeader header{};
    std::memcpy(&header, &frame.header, sizeof header);
    std::array<iovec, max_frame_pieces + 1> pieces;
    pieces[0] = {&header, sizeof header};
    usize count = gather(frame, std::span(pieces).subspan<1>());
    return count > 0 && writev(socket_.get(), pieces.data(), static_cast<int>(count + 1)) > 0;
}

} // namespace cloison::io
