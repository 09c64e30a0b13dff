// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/virtio/transport.hpp"

namespace cloison::core {

namespace {

using abi::feature_bit;
using enum std::memory_order;

constexpr u32 driver_bits = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
                            VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK |
                            VIRTIO_CONFIG_S_FAILED;

} // namespace

VirtioTransport::VirtioTransport(const abi::VirtioFunctionConfig& config, abi::FunctionPage& page,
                                 abi::ServerPage& server, std::span<const Extent> ram)
    : page_(page),
      server_(server),
      ram_(ram),
      queues_(static_cast<u32>(config.queue_sizes.size())),
      config_size_(static_cast<u32>(config.device_config.size())) {
    page_.device_id = config.device_id;
    page_.queues = queues_;
    page_.config_size = config_size_;
    page_.offered = config.features | feature_bit(VIRTIO_F_VERSION_1);
    for (u32 i = 0; i < queues_; ++i)
        page_.queue[i].max_size = config.queue_sizes[i];
    for (u32 i = 0; i < config_size_; ++i) {
        auto& word = page_.config[i / 4];
        word.store(word.load(relaxed) | u32{config.device_config[i]} << (8 * (i % 4)), relaxed);
    }
    forget_driver();
}

// --- status and features ---

/// The server works for this life.
bool VirtioTransport::runs() const {
    return has(VIRTIO_CONFIG_S_DRIVER_OK) && !has(VIRTIO_CONFIG_S_NEEDS_RESET);
}

/// A reset is over when 0 is read back (virtio 1.2, 4.1.4.3.2): not before the server has let go of
/// the memory that the last life had given it.
bool VirtioTransport::resetting() {
    if (ended_status_ != 0 && server_.epoch.load(acquire) == page_.epoch.load(relaxed))
        ended_status_ = 0;
    return ended_status_ != 0;
}

bool VirtioTransport::features_accepted() const {
    u64 features = page_.features.load(relaxed);
    return (features & ~page_.offered) == 0 && (features & feature_bit(VIRTIO_F_VERSION_1)) != 0;
}

VirtioTransport::Effect VirtioTransport::write_status(u32 value) {
    if (value == 0) {
        reset();
        return Effect::reset;
    }
    if (resetting()) // a driver that does not wait for the end of its reset goes unheard
        return Effect::none;
    u32 after = status() | (value & driver_bits); // only a reset clears bits
    if (!features_accepted())
        after &= ~u32{VIRTIO_CONFIG_S_FEATURES_OK};
    if ((after & VIRTIO_CONFIG_S_FEATURES_OK) == 0)
        after &= ~u32{VIRTIO_CONFIG_S_DRIVER_OK};
    bool starts = (after & ~status() & VIRTIO_CONFIG_S_DRIVER_OK) != 0;
    page_.status.store(after, release);
    if (starts)
        call_ = abi::no_queue;
    return Effect::none;
}

void VirtioTransport::reset() {
    u32 ended = status();
    page_.status.store(0, release);
    if ((ended & VIRTIO_CONFIG_S_DRIVER_OK) != 0) { // else the server has never looked
        page_.epoch.store(page_.epoch.load(relaxed) + 1, release);
        ended_status_ = ended;
        call_ = abi::no_queue;
    }
    std::atomic_thread_fence(release); // the fields below change behind the epoch
    forget_driver();
}

void VirtioTransport::forget_driver() {
    page_.features.store(0, relaxed);
    for (u32 i = 0; i < queues_; ++i) {
        abi::QueueRecord& queue = page_.queue[i];
        queue.enabled.store(0, relaxed);
        queue.size.store(queue.max_size, relaxed);
        for (auto* address : {&queue.descriptors, &queue.driver, &queue.device})
            address->store(0, relaxed);
    }
    offered_select_ = accepted_select_ = 0;
    queue_select_ = 0;
    config_vector_ = VIRTIO_MSI_NO_VECTOR;
    queue_vectors_.fill(VIRTIO_MSI_NO_VECTOR);
    isr_ = 0;
}

/// The driver did what the device cannot go on from (2.1.2).
VirtioTransport::Effect VirtioTransport::fail() {
    bool told = has(VIRTIO_CONFIG_S_DRIVER_OK);
    page_.status.store(status() | VIRTIO_CONFIG_S_NEEDS_RESET, release);
    return told ? Effect::announce : Effect::none;
}

} // namespace cloison::core
