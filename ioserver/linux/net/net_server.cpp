// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/net/net_server.hpp"

namespace cloison::io {

namespace {

constexpr u32 receive = NetDevice<GuestRegions>::receive_queue;
constexpr u32 transmit = NetDevice<GuestRegions>::transmit_queue;

} // namespace

NetServer::NetServer(EventLoop& loop, Network& network, const MacAddress& mac,
                     const PortConfig& config)
    : loop_(loop),
      network_(network),
      device_(mac),
      port_(network.connect(*this, config)) {}

QueueError NetServer::start_queue(u32 index, const GuestRegions& memory, const QueueLayout& layout,
                                  u64 features, std::span<u8> record, u16 base) {
    return device_.start_queue(index, memory, layout, features, record, base);
}

u16 NetServer::stop_queue(u32 index) {
    u16 next = device_.queue(index).next_available();
    device_.stop_queue(index);
    return next;
}

void NetServer::kicked(u32 index) {
    Queue<GuestRegions>& queue = device_.queue(index);
    queue.disable_kicks();
    if (index == receive) // buffers are taken when frames come
        return report(index, queue);
    bool more = device_.transmit(*this) || await_kick(queue);
    report(index, queue);
    network_.flush();
    if (more)
        loop_.later([this] { kicked(transmit); });
}

void NetServer::poll() {
    device_.queue(receive).disable_kicks();
    device_.queue(transmit).disable_kicks();
    if (!device_.queue(transmit).has_available())
        return;
    device_.transmit(*this);
    report(transmit, device_.queue(transmit));
    network_.flush();
}

void NetServer::set_link(bool up) {
    device_.set_link(up);
    tell_config_changed();
}

void NetServer::flush() {
    report(receive, device_.queue(receive));
}

} // namespace cloison::io
