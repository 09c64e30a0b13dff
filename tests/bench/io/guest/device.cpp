// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/io/guest/device.hpp"

#include "tests/guest/apic.hpp"

#include <linux/virtio_config.h>

namespace cloison::bench {

u64 VirtioDevice::offered() const {
    u64 features = 0;
    for (u32 half = 0; half < 2; ++half) {
        common_->device_feature_select = half;
        features |= u64{common_->device_feature} << (32 * half);
    }
    return features;
}

void VirtioDevice::accept(u64 features) const {
    for (u32 half = 0; half < 2; ++half) {
        common_->guest_feature_select = half;
        common_->guest_feature = static_cast<u32>(features >> (32 * half));
    }
}

bool VirtioDevice::negotiate(u64 needed, u64 wanted) {
    function_.enable();
    common_->device_status = 0;
    while (common_->device_status != 0) { // the server lets go of an earlier life
    }
    constexpr u8 driver = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
    common_->device_status = driver;
    u64 features = offered() & (needed | wanted);
    accept(features);
    common_->device_status = driver | VIRTIO_CONFIG_S_FEATURES_OK;
    return (features & needed) == needed &&
           (common_->device_status & VIRTIO_CONFIG_S_FEATURES_OK) != 0;
}

u64 VirtioDevice::start_queue(u16 index, const QueueMemory& memory) {
    constexpr u16 msix_entry = 0;
    function_.set_interrupt(msix_entry, guest::apic.id(), io_vector);
    common_->queue_select = index;
    if (common_->queue_size < QueueMemory::size)
        return 0;
    common_->queue_size = QueueMemory::size;
    common_->queue_msix_vector = msix_entry;
    auto low = [](const void* part) {
        return static_cast<u32>(reinterpret_cast<u64>(part)); // all of the guest is below 4 GiB
    };
    common_->queue_desc_lo = low(memory.descriptors);
    common_->queue_desc_hi = 0;
    common_->queue_avail_lo = low(&memory.available);
    common_->queue_avail_hi = 0;
    common_->queue_used_lo = low(&memory.used);
    common_->queue_used_hi = 0;
    common_->queue_enable = 1;
    return function_.structure(VIRTIO_PCI_CAP_NOTIFY_CFG) +
           u64{common_->queue_notify_off} * function_.notify_multiplier();
}

void VirtioDevice::driver_ok() {
    common_->device_status = static_cast<u8>(common_->device_status | VIRTIO_CONFIG_S_DRIVER_OK);
}

} // namespace cloison::bench
