// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/net/tap.hpp"

#include "ioserver/linux/error.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace cloison::io {

namespace {

constexpr u32 frames_at_once = 64;

Descriptor open_interface(const std::string& name) {
    ifreq request{};
    if (name.empty() || name.size() >= sizeof request.ifr_name)
        throw ServerError("TAP interface '" + name + "': no name for an interface");
    Descriptor made(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!made)
        throw system_error("/dev/net/tun", errno);
    std::memcpy(request.ifr_name, name.data(), name.size());
    request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    int header = sizeof(virtio_net_hdr_v1);
    if (ioctl(made.get(), TUNSETIFF, &request) != 0 ||
        ioctl(made.get(), TUNSETVNETHDRSZ, &header) != 0 ||
        ioctl(made.get(), TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) != 0)
        throw system_error("TAP interface '" + name + "'", errno);
    return made;
}

} // namespace

Tap::Tap(EventLoop& loop, Network& network, const std::string& name, const PortConfig& config)
    : loop_(loop),
      network_(network),
      interface_(open_interface(name)),
      port_(network.connect(*this, config)),
      buffer_(sizeof(virtio_net_hdr_v1) + max_frame) {
    loop_.watch(interface_.get(), EPOLLIN, [this] { on_frames(); });
}

Tap::~Tap() {
    loop_.forget(interface_.get());
}

void Tap::on_frames() {
    for (u32 count = 0; count < frames_at_once; ++count) {
        ssize_t length = read(interface_.get(), buffer_.data(), buffer_.size());
        if (length <= ssize_t{sizeof(virtio_net_hdr_v1)})
            break;
        virtio_net_hdr_v1 header{};
        std::memcpy(&header, buffer_.data(), sizeof header);
        Segment frame{buffer_.data() + sizeof header,
                      static_cast<u32>(static_cast<usize>(length) - sizeof header)};
        network_.forward(port_, header, {&frame, 1});
    }
    network_.flush();
}

/// The kernel drops what it has no room for, as a wire would.
bool Tap::deliver(const Frame& frame) {
    virtio_net_hdr_v1 header = frame.header;
    header.num_buffers = 0;
    std::array<iovec, 80> pieces;
    usize count = 0;
    pieces[count++] = {&header, sizeof header};
    pieces[count++] = {const_cast<u8*>(frame.head.data()), frame.head.size()};
    u64 skip = frame.body_offset, left = frame.body_size;
    for (const Segment& segment : frame.body) {
        u64 skipped = std::min<u64>(skip, segment.size);
        skip -= skipped;
        u64 size = std::min(segment.size - skipped, left);
        if (size == 0)
            continue;
        if (count == pieces.size())
            return false;
        pieces[count++] = {segment.data + skipped, static_cast<usize>(size)};
        left -= size;
    }
    return writev(interface_.get(), pieces.data(), static_cast<int>(count)) > 0;
}

} // namespace cloison::io
