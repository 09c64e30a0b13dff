// SPDX-License-Identifier: Apache-2.0
// Between the driver of a running device and its server: kicks, used buffers, and what the server
// wants the driver to know. The server's page may hold anything at any time.
#include "firmware/core/devices/virtio/transport.hpp"

namespace cloison::core {

namespace {

using enum std::memory_order;

constexpr u32 isr_queue = 1;

} // namespace

void VirtioTransport::notify(u32 queue) {
    if (!runs() || queue >= queues_ || page_.queue[queue].enabled.load(relaxed) == 0)
        return;
    // Counted before the server's fields are read; the server does it the other way round. So one
    // of the two sees what the other did.
    u32 before = page_.kicks[queue].fetch_add(1, seq_cst);
    bool looks_anyway = server_.polls.load(seq_cst) != 0 ||
                        server_.seen[queue].load(seq_cst) != before; // called, and not yet there
    if (!looks_anyway)
        call_ = queue;
}

std::optional<u32> VirtioTransport::take_call() {
    auto call = call_;
    call_.reset();
    return call;
}

u32 VirtioTransport::take_isr() {
    u32 isr = isr_;
    isr_ = 0;
    return isr;
}

std::optional<u16> VirtioTransport::used(u32 queue) {
    if (!runs() || queue >= queues_ || page_.queue[queue].enabled.load(relaxed) == 0)
        return std::nullopt;
    isr_ |= isr_queue;
    return queue_vectors_[queue];
}

u16 VirtioTransport::announce() {
    isr_ |= VIRTIO_PCI_ISR_CONFIG;
    return config_vector_;
}

bool VirtioTransport::attend() {
    bool running = has(VIRTIO_CONFIG_S_DRIVER_OK);
    bool changed = copy_config();
    if (runs() && server_.needs_reset.load(relaxed) == page_.epoch.load(relaxed)) {
        (void)fail();
        changed = true;
    }
    return running && changed;
}

/// Takes over the server's configuration space, unless it is being written: then the server will
/// ring again when it is done. True when it was taken.
bool VirtioTransport::copy_config() {
    u32 sequence = server_.config_sequence.load(acquire);
    if (sequence == config_sequence_ || sequence % 2 != 0)
        return false;
    std::array<u32, abi::max_device_config / 4> copy{};
    u32 words = (config_size_ + 3) / 4;
    for (u32 i = 0; i < words; ++i)
        copy[i] = server_.config[i].load(relaxed);
    std::atomic_thread_fence(acquire);
    if (server_.config_sequence.load(relaxed) != sequence)
        return false;
    config_sequence_ = sequence;
    for (u32 i = 0; i < words; ++i)
        page_.config[i].store(copy[i], relaxed);
    page_.config_generation.fetch_add(1, relaxed);
    return true;
}

u32 VirtioTransport::read_config(u32 offset) const {
    if (offset >= config_size_)
        return ~u32{0};
    u32 word = page_.config[offset / 4].load(relaxed);
    u32 left = config_size_ - offset;
    return left >= 4 ? word : word | ~u32{0} << (8 * left); // nothing behind the end
}

} // namespace cloison::core
