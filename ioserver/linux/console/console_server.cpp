// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/console/console_server.hpp"

#include <algorithm>

namespace cloison::io {

namespace {

std::vector<ConsolePort> make_ports(const std::vector<std::string>& names) {
    std::vector<ConsolePort> ports;
    ports.reserve(names.size());
    for (const std::string& name : names)
        ports.push_back({name, true});
    return ports;
}

} // namespace

ConsoleServer::ConsoleServer(EventLoop& loop, std::vector<std::string> names)
    : loop_(loop),
      names_(std::move(names)),
      ports_(make_ports(names_)),
      device_(ports_) {
    for (u32 port = 0; port < ports(); ++port) {
        consoles_.push_back(std::make_unique<Concentrator>(
            [this, port](std::string_view text) { return type(port, text); }));
        device_.control().set_far_end(port, true); // the concentrator is always there
    }
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

usize ConsoleServer::take(u32 port, std::span<const u8> bytes) {
    consoles_[port]->output({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return bytes.size();
}

/// Kicks are asked for when the guest has no buffers left, and wanted for nothing else.
usize ConsoleServer::type(u32 port, std::string_view text) {
    std::span<const u8> bytes(reinterpret_cast<const u8*>(text.data()), text.size());
    u32 index = Device::receive_queue(port);
    Queue<GuestRegions>& queue = device_.queue(index);
    usize taken = device_.receive(port, bytes);
    if (taken < bytes.size() && await_kick(queue))
        taken += device_.receive(port, bytes.subspan(taken));
    waiting_ = waiting_ || taken < bytes.size();
    report(index, queue);
    return taken;
}

void ConsoleServer::tell_guest() {
    constexpr u32 index = Device::control_receive;
    device_.tell();
    if (device_.control().next() && await_kick(device_.queue(index)))
        device_.tell();
    report(index, device_.queue(index));
}

void ConsoleServer::resume() {
    waiting_ = false;
    for (const auto& endpoint : endpoints_)
        endpoint->resume();
    for (const auto& action : on_room_)
        action();
}

void ConsoleServer::kicked(u32 index) {
    Queue<GuestRegions>& queue = device_.queue(index);
    bool more = false;
    if (index == Device::control_transmit)
        more = device_.serve_control() || await_kick(queue);
    for (u32 port = 0; port < ports(); ++port)
        if (index == Device::transmit_queue(port))
            more = device_.transmit(port, *this) || await_kick(queue);
    report(index, queue);
    tell_guest();
    resume(); // there may be room now, or somebody who reads
    if (more)
        loop_.later([this, index] { kicked(index); });
}

bool ConsoleServer::has_room() {
    for (u32 port = 0; port < ports(); ++port)
        if (device_.queue(Device::receive_queue(port)).has_available())
            return true;
    return false;
}

void ConsoleServer::poll() {
    for (u32 port = 0; port < ports(); ++port)
        if (u32 index = Device::transmit_queue(port); device_.queue(index).has_available())
            kicked(index);
    if (device_.queue(Device::control_transmit).has_available())
        kicked(Device::control_transmit);
    if (device_.control().next() && device_.queue(Device::control_receive).has_available())
        tell_guest();
    if (waiting_ && has_room())
        resume();
}

} // namespace cloison::io
