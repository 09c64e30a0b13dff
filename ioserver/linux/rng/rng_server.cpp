// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/rng/rng_server.hpp"

#include <algorithm>
#include <sys/random.h>

namespace cloison::io {

usize KernelEntropy::fill(std::span<u8> bytes) const {
    ssize_t filled = getrandom(bytes.data(), bytes.size(), 0);
    return filled > 0 ? static_cast<usize>(filled) : 0;
}

/// There is nothing in it (section 5.4.4).
void RngServer::read_config(u32 /*offset*/, std::span<u8> to) const {
    std::fill(to.begin(), to.end(), u8{0});
}

QueueError RngServer::start_queue(u32 /*index*/, const GuestRegions& memory,
                                  const QueueLayout& layout, u64 features, std::span<u8> record,
                                  u16 base) {
    return device_.start_queue(memory, layout, features, record, base);
}

u32 RngServer::left_over(u32 /*index*/) {
    return device_.queue().in_flight();
}

u16 RngServer::stop_queue(u32 /*index*/) {
    u16 next = device_.queue().next_available();
    device_.stop_queue();
    return next;
}

void RngServer::kicked(u32 index) {
    device_.queue().disable_kicks();
    bool more = device_.serve() || await_kick(device_.queue());
    report(index, device_.queue());
    if (more)
        loop_.later([this, index] { kicked(index); });
}

void RngServer::poll() {
    device_.queue().disable_kicks();
    device_.serve();
    report(0, device_.queue());
}

} // namespace cloison::io
