// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/console/console_server.hpp"

namespace cloison::io {

namespace {

constexpr ConsolePort ports[] = {{"console", true}};
constexpr u32 receive = ConsoleDevice<GuestRegions>::receive_queue(0);
constexpr u32 transmit = ConsoleDevice<GuestRegions>::transmit_queue(0);
constexpr u32 control = ConsoleDevice<GuestRegions>::control_transmit;
constexpr u32 tell = ConsoleDevice<GuestRegions>::control_receive;

} // namespace

ConsoleServer::ConsoleServer(EventLoop& loop)
    : loop_(loop),
      device_(ports),
      concentrator_([this](std::string_view text) { return type(text); }) {
    device_.control().set_far_end(0, true); // the concentrator is always there
}

void ConsoleServer::add(std::unique_ptr<ConsoleEndpoint> endpoint) {
    endpoints_.push_back(std::move(endpoint));
}

QueueError ConsoleServer::start_queue(u32 index, const GuestRegions& memory,
                                      const QueueLayout& layout, u64 features, std::span<u8> record,
                                      u16 base) {
    return device_.start_queue(index, memory, layout, features, record, base);
}

/// Nothing is under way: whatever is written is taken whole, and buffers as they are filled.
u16 ConsoleServer::stop_queue(u32 index) {
    u16 next = device_.queue(index).next_available();
    device_.stop_queue(index);
    return next;
}

usize ConsoleServer::take(u32 /*port*/, std::span<const u8> bytes) {
    concentrator_.output({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return bytes.size();
}

/// Kicks are asked for when the guest has no buffers left, and wanted for nothing else.
usize ConsoleServer::type(std::string_view text) {
    std::span<const u8> bytes(reinterpret_cast<const u8*>(text.data()), text.size());
    Queue<GuestRegions>& queue = device_.queue(receive);
    usize taken = device_.receive(0, bytes);
    if (taken < bytes.size() && queue.enable_kicks())
        taken += device_.receive(0, bytes.subspan(taken));
    report(receive, queue);
    return taken;
}

void ConsoleServer::tell_guest() {
    device_.tell();
    if (device_.control().next() && device_.queue(tell).enable_kicks())
        device_.tell();
    report(tell, device_.queue(tell));
}

void ConsoleServer::resume() {
    for (const auto& endpoint : endpoints_)
        endpoint->resume();
}

void ConsoleServer::kicked(u32 index) {
    Queue<GuestRegions>& queue = device_.queue(index);
    bool more = false;
    if (index == transmit)
        more = device_.transmit(0, *this) || queue.enable_kicks();
    else if (index == control)
        more = device_.serve_control() || queue.enable_kicks();
    report(index, queue);
    tell_guest();
    resume(); // there may be room now, or somebody who reads
    if (more)
        loop_.later([this, index] { kicked(index); });
}

void ConsoleServer::poll() {
    for (u32 index = 0; index < device_.queues(); ++index)
        if (device_.queue(index).running() && device_.queue(index).has_available())
            kicked(index);
}

} // namespace cloison::io
