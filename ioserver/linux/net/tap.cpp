// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/net/tap.hpp"

#include "ioserver/linux/error.hpp"
#include "ioserver/linux/net/frame_pieces.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
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
    std::array<iovec, max_frame_pieces + 1> pieces;
    pieces[0] = {&header, sizeof header};
    usize count = gather(frame, std::span(pieces).subspan<1>());
    return count > 0 && writev(interface_.get(), pieces.data(), static_cast<int>(count + 1)) > 0;
}

} // namespace cloison::io
