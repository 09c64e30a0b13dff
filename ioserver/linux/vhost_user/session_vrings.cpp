// SPDX-License-Identifier: Apache-2.0
// The session's rings: descriptors, states, starting and stopping.
#include "ioserver/linux/vhost_user/session.hpp"

#include <algorithm>
#include <sys/epoll.h>

namespace cloison::io::vhost_user {

Vring& Session::vring(u64 index) {
    if (index >= vrings_.size())
        throw ProtocolError("a ring that the device has not");
    return vrings_[index];
}

void Session::set_vring_descriptor(Message& message) {
    message.expect<u64>();
    u64 number = message.payload.number;
    auto index = static_cast<u32>(number & vring_index_mask);
    Vring& ring = vring(index);
    Descriptor descriptor = message.take_descriptor();
    if (static_cast<bool>(descriptor) == ((number & vring_no_descriptor) != 0))
        throw ProtocolError("a ring's descriptor is missing, or should be");
    if (message.request == RequestId::set_vring_call) {
        ring.call = std::move(descriptor);
        if (ring.running)
            notify(index); // what was signalled to the old one may have got lost
    } else if (message.request == RequestId::set_vring_err) {
        ring.error = std::move(descriptor);
    } else {
        stop(index);
        ring.kick = descriptor ? std::move(descriptor) : make_event(); // polled: nobody signals it
        start_if_ready(index);
    }
}

void Session::set_vring_state(const Message& message) {
    message.expect<vhost_vring_state>();
    const vhost_vring_state& state = message.payload.state;
    Vring& ring = vring(state.index);
    if (message.request == RequestId::set_vring_enable) {
        ring.enabled = state.num != 0;
        if (!ring.enabled)
            stop(state.index);
    } else if (ring.running) {
        throw ProtocolError("a ring is changed while it runs");
    } else if (message.request == RequestId::set_vring_num) {
        ring.size = state.num;
    } else {
        ring.base = wrap16(state.num);
    }
    start_if_ready(state.index);
}

/// Stops the ring, so that nothing is in flight when the answer is sent.
void Session::get_vring_base(const Message& message) {
    message.expect<vhost_vring_state>();
    u32 index = message.payload.state.index;
    Vring& ring = vring(index);
    stop(index);
    ring.kick = {};
    vhost_vring_state answer{index, ring.base};
    connection_.reply(message.request, &answer, sizeof answer);
}

std::span<u8> Session::record(u32 index, Vring& ring) {
    usize size = InflightRecord::bytes(ring.size);
    if (index < inflight_.queues && ring.size == inflight_.queue_size)
        return records_.bytes().subspan(size * index, size);
    ring.own_record.assign(size / sizeof(u64), 0);
    return {reinterpret_cast<u8*>(ring.own_record.data()), size};
}

void Session::start_if_ready(u32 index) {
    Vring& ring = vring(index);
    // Without protocol features there is no message to enable a ring.
    if ((features_ & feature_bit(feature_protocol_features)) == 0)
        ring.enabled = true;
    if (ring.running || !ring.ready() || guest_.memory().empty())
        return;
    ring.running = true;
    ring.broken = false;
    QueueError error = ring.size > Ring::max_size
                           ? QueueError::size_invalid
                           : device_.start_queue(index, guest_.memory(), ring.layout(guest_),
                                                 features_, record(index, ring), ring.base);
    if (error != QueueError::none)
        return broken(index, error);
    log("queue " + std::to_string(index) + " runs, " + std::to_string(device_.left_over(index)) +
        " requests in flight");
    if (!poll_)
        loop_.watch(ring.kick.get(), EPOLLIN, [this, index] {
            drain_event(vrings_[index].kick);
            device_.kicked(index);
        });
    device_.kicked(index); // what was left in flight, and kicks that nobody heard
}

void Session::stop(u32 index) {
    Vring& ring = vrings_[index];
    if (!ring.running)
        return;
    loop_.forget(ring.kick.get());
    ring.base = device_.stop_queue(index);
    ring.running = false;
}

void Session::stop_all() {
    for (u32 index = 0; index < vrings_.size(); ++index)
        stop(index);
}

void Session::notify(u32 queue) {
    if (vrings_[queue].call)
        signal_event(vrings_[queue].call);
}

void Session::broken(u32 queue, QueueError error) {
    Vring& ring = vrings_[queue];
    if (ring.broken)
        return;
    ring.broken = true;
    log("queue " + std::to_string(queue) + " is broken: " + std::string(describe(error)));
    if (ring.error)
        signal_event(ring.error);
}

} // namespace cloison::io::vhost_user
