// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/net/network.hpp"

#include "ioserver/linux/error.hpp"

#include <chrono>

namespace cloison::io {

namespace {

u64 milliseconds() {
    using namespace std::chrono;
    return static_cast<u64>(
        duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count());
}

} // namespace

u32 Network::connect(NetworkPort& port, const PortConfig& config) {
    std::optional<u32> number = switch_.connect(port, config);
    if (!number)
        throw ServerError("the switch has no more ports, or not this VLAN");
    ports_.push_back(&port);
    return *number;
}

void Network::forward(u32 from, const virtio_net_hdr_v1& header, std::span<const Segment> frame) {
    switch_.forward(from, header, frame, milliseconds());
}

void Network::flush() {
    for (NetworkPort* port : ports_)
        port->flush();
}

} // namespace cloison::io
