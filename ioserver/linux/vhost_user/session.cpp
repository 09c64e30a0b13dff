// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/vhost_user/session.hpp"

#include "ioserver/linux/error.hpp"

#include <algorithm>
#include <cstring>
#include <iostream>
#include <sys/epoll.h>

namespace cloison::io::vhost_user {

namespace {

constexpr u64 offered_protocol_features =
    feature_bit(protocol_feature_mq) | feature_bit(protocol_feature_reply_ack) |
    feature_bit(protocol_feature_config) | feature_bit(protocol_feature_inflight_shmfd);

} // namespace

Session::Session(EventLoop& loop, DeviceServer& device, Descriptor socket, std::string name,
                 bool poll, std::function<void()> ended)
    : loop_(loop),
      device_(device),
      connection_(std::move(socket)),
      name_(std::move(name)),
      poll_(poll),
      ended_(std::move(ended)),
      vrings_(device.queues()) {
    device_.attach(this);
    device_.set_polled(poll_);
    loop_.watch(connection_.fd(), EPOLLIN, [this] { on_message(); });
    if (poll_)
        loop_.add_poller(this, [this] { device_.poll(); });
}

Session::~Session() {
    loop_.remove_poller(this);
    loop_.forget(connection_.fd());
    stop_all();
    device_.attach(nullptr);
}

void Session::log(const std::string& text) const {
    say(std::cerr, name_ + ": " + text);
}

void Session::on_message() {
    try {
        std::optional<Message> message = connection_.receive();
        if (!message) {
            log("front end gone");
            return end();
        }
        // The messages that have an answer of their own, or want none but this (REPLY_ACK).
        bool known = handle(*message);
        if (!known)
            log("request " + std::to_string(static_cast<u32>(message->request)) + " not known");
        if (message->need_reply)
            connection_.reply(message->request, known ? 0 : 1);
    } catch (const std::runtime_error& error) {
        log(error.what());
        end();
    }
}

void Session::end() {
    auto ended = std::move(ended_); // may destroy this, and must outlive it
    ended();
}

bool Session::handle(Message& message) {
    switch (message.request) {
    case RequestId::set_owner:
    case RequestId::reset_owner: // deprecated, to be ignored
        return true;
    case RequestId::set_mem_table:
        set_memory(message);
        return true;
    case RequestId::get_queue_num:
        connection_.reply(message.request, device_.queues());
        message.need_reply = false;
        return true;
    case RequestId::get_config:
        get_config(message);
        message.need_reply = false;
        return true;
    case RequestId::get_inflight_fd:
        get_inflight(message);
        message.need_reply = false;
        return true;
    case RequestId::set_inflight_fd:
        set_inflight(message);
        return true;
    case RequestId::set_config: // nothing in the configuration spaces can be written
        return false;
    default:
        return handle_features(message) || handle_vring(message);
    }
}

bool Session::handle_features(const Message& message) {
    u64 offered = device_.features() | feature_bit(feature_protocol_features);
    switch (message.request) {
    case RequestId::get_features:
        connection_.reply(message.request, offered);
        return true;
    case RequestId::get_protocol_features:
        connection_.reply(message.request, offered_protocol_features);
        return true;
    case RequestId::set_features:
        message.expect<u64>();
        if ((message.payload.number & ~offered) != 0)
            throw ProtocolError("features that were not offered");
        features_ = message.payload.number;
        return true;
    case RequestId::set_protocol_features:
        message.expect<u64>();
        if ((message.payload.number & ~offered_protocol_features) != 0)
            throw ProtocolError("protocol features that were not offered");
        protocol_features_ = message.payload.number;
        return true;
    default:
        return false;
    }
}

bool Session::handle_vring(Message& message) {
    switch (message.request) {
    case RequestId::set_vring_kick:
    case RequestId::set_vring_call:
    case RequestId::set_vring_err:
        set_vring_descriptor(message);
        return true;
    case RequestId::set_vring_addr:
        message.expect<vhost_vring_addr>();
        if (vring(message.payload.address.index).running)
            throw ProtocolError("a ring is moved while it runs");
        vring(message.payload.address.index).address = message.payload.address;
        start_if_ready(message.payload.address.index);
        return true;
    case RequestId::set_vring_num:
    case RequestId::set_vring_base:
    case RequestId::set_vring_enable:
        set_vring_state(message);
        return true;
    case RequestId::get_vring_base:
        get_vring_base(message);
        message.need_reply = false;
        return true;
    default:
        return false;
    }
}

/// A new table may come while the rings run: they stop until it is there.
void Session::set_memory(const Message& message) {
    message.expect<u64>();
    SharedGuest guest(message.payload.memory, message.descriptors);
    stop_all();
    guest_ = std::move(guest);
    for (u32 index = 0; index < vrings_.size(); ++index)
        start_if_ready(index);
}

void Session::get_config(const Message& message) {
    const Config& asked = message.payload.config;
    if (message.size < config_header_size || asked.size > max_config_size)
        throw ProtocolError("a malformed read of the configuration space");
    Config answer{asked.offset, asked.size, 0, {}};
    device_.read_config(asked.offset, std::span(answer.bytes).first(asked.size));
    connection_.reply(message.request, &answer, config_header_size + asked.size);
}

/// The records of the requests in flight: made here, kept by the front end, brought back after a
/// restart.
void Session::get_inflight(const Message& message) {
    if (message.size < inflight_size)
        throw ProtocolError("a message is too short");
    Inflight answer = message.payload.inflight;
    if (answer.queues > vrings_.size() || answer.queue_size > Ring::max_size)
        throw ProtocolError("records for more than there is");
    answer.mmap_offset = 0;
    answer.mmap_size = InflightRecord::bytes(answer.queue_size) * u64{answer.queues};
    Descriptor memory = make_shared_memory("cloison-inflight", answer.mmap_size);
    connection_.reply(message.request, &answer, std::min<usize>(message.size, sizeof answer),
                      memory.get());
}

void Session::set_inflight(Message& message) {
    if (message.size < inflight_size)
        throw ProtocolError("a message is too short");
    const Inflight& inflight = message.payload.inflight;
    u64 needed = InflightRecord::bytes(inflight.queue_size) * u64{inflight.queues};
    if (inflight.mmap_size < needed || inflight.mmap_offset % InflightRecord::alignment != 0)
        throw ProtocolError("records with too little room");
    for (const Vring& ring : vrings_)
        if (ring.running)
            throw ProtocolError("records are exchanged while a ring runs");
    records_ = Mapping(message.take_descriptor(), inflight.mmap_offset, needed);
    inflight_ = inflight;
}

} // namespace cloison::io::vhost_user
