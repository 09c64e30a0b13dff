// SPDX-License-Identifier: Apache-2.0
// What the plan says of a virtio function that a partition is served with. Whether that is sound is
// one test, for the planner, the verifier and the firmware alike.
#pragma once

#include "firmware/abi/types.hpp"

#include <linux/virtio_config.h>
#include <span>

// Of the ring only its feature bits are wanted; the structures of legacy rings are not C++.
#define VIRTIO_RING_NO_LEGACY
#include <linux/virtio_ring.h>

namespace cloison::abi {

/// Functions of a partition: devices 1 to 31 of its one bus.
inline constexpr u32 max_virtio_functions = 31;
/// Queues of a function. Their kick counters are one cache line.
inline constexpr u32 max_virtqueues = 16;
/// Descriptors of a queue, so that what a server keeps of requests in flight fits into a page.
inline constexpr u32 max_queue_size = 256;
/// Bytes of a function's device configuration space.
inline constexpr u32 max_device_config = 256;

struct VirtioFunctionConfig {
    u32 device_id = 0;                   // linux/virtio_ids.h
    u64 features = 0;                    // what the server's device offers
    std::span<const u16> queue_sizes{};  // of each queue, the most that its driver may set
    std::span<const u8> device_config{}; // as it starts; later the server's
};

constexpr u64 feature_bit(u32 number) {
    return u64{1} << number;
}

/// Bits 24 to 49 are the ring's and the transport's (virtio 1.2, 2.2). These of them are offered
/// where the plan says so: they are between driver and server, on a split ring.
inline constexpr u64 ring_features =
    feature_bit(VIRTIO_RING_F_INDIRECT_DESC) | feature_bit(VIRTIO_RING_F_EVENT_IDX) |
    feature_bit(VIRTIO_F_IN_ORDER) | feature_bit(VIRTIO_F_ORDER_PLATFORM);
inline constexpr u64 reserved_features =
    (feature_bit(50) - feature_bit(24)) & ~(ring_features | feature_bit(VIRTIO_F_VERSION_1));

/// Virtio device IDs end where the PCI device IDs made from them do: 0x1040 to 0x107F.
inline constexpr u32 max_device_id = 63;

/// A split queue has a power of two of descriptors (virtio 1.2, 2.7).
constexpr bool is_queue_size(u32 size, u32 most) {
    return size != 0 && (size & (size - 1)) == 0 && size <= most;
}

constexpr bool is_sound(const VirtioFunctionConfig& config) {
    if (config.device_id == 0 || config.device_id > max_device_id ||
        (config.features & reserved_features) != 0 || config.queue_sizes.empty() ||
        config.queue_sizes.size() > max_virtqueues ||
        config.device_config.size() > max_device_config)
        return false;
    for (u16 size : config.queue_sizes)
        if (!is_queue_size(size, max_queue_size))
            return false;
    return true;
}

} // namespace cloison::abi
