// SPDX-License-Identifier: Apache-2.0
// What a network device offers, and its configuration space (virtio 1.2, sections 5.1.3 and 5.1.4).
#pragma once

#include "ioserver/devices/net/virtio_net.hpp"
#include "ioserver/devices/queue/queue.hpp"

#include <algorithm>
#include <array>

namespace cloison::io {

using MacAddress = std::array<u8, ETH_ALEN>;

/// No control queue: what it would be for (filters, more queue pairs) is the switch's, or absent.
inline constexpr u64 net_features =
    queue_features | feature_bit(VIRTIO_NET_F_MAC) | feature_bit(VIRTIO_NET_F_STATUS) |
    feature_bit(VIRTIO_NET_F_MRG_RXBUF) | feature_bit(VIRTIO_NET_F_CSUM) |
    feature_bit(VIRTIO_NET_F_GUEST_CSUM) | feature_bit(VIRTIO_NET_F_HOST_TSO4) |
    feature_bit(VIRTIO_NET_F_HOST_TSO6) | feature_bit(VIRTIO_NET_F_GUEST_TSO4) |
    feature_bit(VIRTIO_NET_F_GUEST_TSO6);

[[nodiscard]] inline virtio_net_config net_config(const MacAddress& mac, bool link_up) {
    virtio_net_config config{};
    std::copy(mac.begin(), mac.end(), config.mac);
    config.status = link_up ? VIRTIO_NET_S_LINK_UP : 0;
    config.max_virtqueue_pairs = 1;
    return config;
}

} // namespace cloison::io
