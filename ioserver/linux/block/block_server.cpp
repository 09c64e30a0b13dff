// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/block/block_server.hpp"

namespace cloison::io {

BlockServer::BlockServer(EventLoop& loop, AsyncBackend& backend, const DiskProperties& disk)
    : loop_(loop),
      backend_(backend),
      device_(backend, disk) {
    backend_.on_completion([this] { reap(); });
}

QueueError BlockServer::start_queue(u32 index, const GuestRegions& memory,
                                    const QueueLayout& layout, u64 features, std::span<u8> record,
                                    u16 base) {
    return device_.start_queue(index, memory, layout, features, record, base);
}

u16 BlockServer::stop_queue(u32 index) {
    while (device_.busy(index) > 0) {
        backend_.start();
        backend_.wait();
        device_.reap();
    }
    report(index, device_.queue(index));
    u16 next = device_.queue(index).next_available();
    device_.stop_queue(index);
    for (u32 other = 0; other < device_.queues(); ++other)
        serve(other); // some may have waited for what is free now
    return next;
}

void BlockServer::serve(u32 index) {
    Queue<GuestRegions>& queue = device_.queue(index);
    queue.disable_kicks();
    bool more = device_.serve(index) || (!device_.blocked() && await_kick(queue));
    backend_.start();
    report(index, queue);
    if (more) // other guests first: this one may never come to an end
        loop_.later([this, index] { serve(index); });
}

void BlockServer::kicked(u32 index) {
    serve(index);
    reap(); // what the kernel had at hand is done already
}

void BlockServer::reap() {
    bool was_blocked = device_.blocked();
    if (!device_.reap())
        return;
    for (u32 index = 0; index < device_.queues(); ++index)
        if (was_blocked)
            serve(index); // nobody kicks for what had to wait
        else
            report(index, device_.queue(index));
}

void BlockServer::poll() {
    for (u32 index = 0; index < device_.queues(); ++index) {
        Queue<GuestRegions>& queue = device_.queue(index);
        if (!queue.running())
            continue;
        queue.disable_kicks();
        device_.serve(index);
        report(index, queue);
    }
    backend_.start();
    reap();
}

void BlockServer::set_polled(bool polled) {
    DeviceServer::set_polled(polled);
    backend_.set_polled(polled);
}

} // namespace cloison::io
