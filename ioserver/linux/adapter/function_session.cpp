// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/adapter/function_session.hpp"

#include "ioserver/linux/error.hpp"

#include <algorithm>
#include <cstring>
#include <iostream>

namespace cloison::io::adapter {

namespace {

using enum std::memory_order;

/// The device goes on for the driver (virtio 1.2, section 2.1).
bool works(u32 status) {
    return (status & VIRTIO_CONFIG_S_DRIVER_OK) != 0 && (status & VIRTIO_CONFIG_S_NEEDS_RESET) == 0;
}

} // namespace

FunctionSession::FunctionSession(const Place& place, DeviceServer& device, std::string name,
                                 bool poll)
    : record_(place.record),
      function_(place.function),
      page_(record_.function(function_)),
      server_(record_.server(function_)),
      memory_(place.memory),
      bells_(place.bells),
      device_(device),
      name_(std::move(name)),
      poll_(poll),
      queues_(std::min(page_.queues, abi::max_virtqueues)) {
    if ((page_.offered & ~device_.features()) != 0)
        throw ServerError(name_ + ": the plan offers features that this server's device has not");
    if (queues_ != device_.queues())
        throw ServerError(name_ + ": the plan has " + std::to_string(queues_) +
                          " queues, the device " + std::to_string(device_.queues()));
    device_.attach(this);
    device_.set_polled(poll_);
}

FunctionSession::~FunctionSession() {
    for (u32 queue = 0; queue < queues_; ++queue)
        if ((running_ >> queue & 1) != 0)
            static_cast<void>(device_.stop_queue(queue));
    device_.attach(nullptr);
}

void FunctionSession::log(const std::string& text) const {
    say(std::cerr, name_ + ": " + text);
}

/// Between two equal epochs all belongs together; a driver that resets without end is left for the
/// next look.
bool FunctionSession::read(View& view) const {
    view.epoch = page_.epoch.load(acquire);
    view.status = page_.status.load(acquire);
    view.features = page_.features.load(relaxed);
    for (u32 i = 0; i < queues_; ++i) {
        const abi::QueueRecord& queue = page_.queue[i];
        bool enabled = queue.enabled.load(acquire) != 0;
        view.queues[i] = {enabled ? queue.size.load(relaxed) : u32{0},
                          queue.descriptors.load(relaxed), queue.driver.load(relaxed),
                          queue.device.load(relaxed)};
    }
    std::atomic_thread_fence(acquire);
    return page_.epoch.load(relaxed) == view.epoch;
}

bool FunctionSession::is_current() const {
    if (page_.epoch.load(acquire) != server_.epoch.load(relaxed) ||
        page_.status.load(acquire) != status_)
        return false;
    for (u32 i = 0; i < queues_ && works(status_) && !broken_; ++i)
        if ((running_ >> i & 1) == 0 && page_.queue[i].enabled.load(relaxed) != 0)
            return false;
    return true;
}

void FunctionSession::attend() {
    View view;
    if (!read(view))
        return;
    if (view.epoch != server_.epoch.load(relaxed))
        begin_life(view.epoch);
    status_ = view.status;
    for (u32 i = 0; i < queues_ && works(status_) && !broken_; ++i)
        if ((running_ >> i & 1) == 0 && view.queues[i].size != 0)
            start_queue(i, view);
}

/// Whatever the last life had given us is let go before the driver learns that its reset is over.
/// A server that is killed in here leaves the old epoch, so the next one does it all again.
void FunctionSession::begin_life(u32 epoch) {
    for (u32 i = 0; i < queues_; ++i) {
        if ((running_ >> i & 1) != 0)
            static_cast<void>(device_.stop_queue(i));
        std::span<u8> in_flight = record_.in_flight(function_, i);
        std::memset(in_flight.data(), 0, in_flight.size());
    }
    running_ = 0;
    broken_ = false;
    server_.epoch.store(epoch, release);
    ring_page();
}

void FunctionSession::start_queue(u32 queue, const View& view) {
    running_ |= 1u << queue;
    u64 features = view.features & page_.offered;
    QueueError error = device_.start_queue(queue, memory_, view.queues[queue], features,
                                           record_.in_flight(function_, queue), 0);
    if (error != QueueError::none)
        return broken(queue, error);
    if (u32 left = device_.left_over(queue); left != 0)
        log("queue " + std::to_string(queue) + " goes on, " + std::to_string(left) +
            " requests in flight");
    device_.kicked(queue); // what was left in flight, and kicks that nobody heard
}

void FunctionSession::start() {
    server_.polls.store(poll_ ? 1 : 0, seq_cst);
    for (u32 i = 0; i < queues_; ++i)
        server_.seen[i].store(page_.kicks[i].load(seq_cst), seq_cst);
    std::atomic_thread_fence(seq_cst);
    if (server_.config_sequence.load(relaxed) % 2 != 0 || config_differs())
        config_changed();
    ring_page(); // the last server may not have lived to do it
    attend();
}

bool FunctionSession::look() {
    if (!is_current())
        attend();
    for (u32 i = 0; i < queues_; ++i) {
        u32 kicks = page_.kicks[i].load(acquire);
        if (kicks == server_.seen[i].load(relaxed))
            continue;
        server_.seen[i].store(kicks, seq_cst);
        if ((running_ >> i & 1) != 0)
            device_.kicked(i);
    }
    std::atomic_thread_fence(seq_cst); // `seen` first, then `kicks`: the firmware does the reverse
    for (u32 i = 0; i < queues_; ++i)
        if (page_.kicks[i].load(relaxed) != server_.seen[i].load(relaxed))
            return true;
    return !is_current();
}

void FunctionSession::poll() {
    if (!is_current())
        attend();
    if (running_ != 0)
        device_.poll();
}

void FunctionSession::notify(u32 queue) {
    bells_.ring({function_, queue});
}

void FunctionSession::broken(u32 queue, QueueError error) {
    if (broken_)
        return;
    broken_ = true;
    log("queue " + std::to_string(queue) + " is broken: " + std::string(describe(error)));
    server_.needs_reset.store(server_.epoch.load(relaxed), release);
    ring_page();
}

} // namespace cloison::io::adapter
