// SPDX-License-Identifier: Apache-2.0
#include "ioserver/devices/block/block_config.hpp"

#include "ioserver/devices/queue/queue.hpp"

namespace cloison::io {

namespace {

/// One request's range: 1 GiB, so that a guest's fstrim does not hold up its neighbours for long.
constexpr u32 max_range_sectors = u32{gib / sector_size};

} // namespace

u64 block_features(const DiskProperties& disk) {
    u64 features =
        queue_features | feature_bit(VIRTIO_BLK_F_SEG_MAX) | feature_bit(VIRTIO_BLK_F_BLK_SIZE);
    if (!disk.write_through) // without the feature there is nothing to flush (5.2.6.2)
        features |= feature_bit(VIRTIO_BLK_F_FLUSH);
    if (disk.read_only)
        features |= feature_bit(VIRTIO_BLK_F_RO);
    if (disk.queues > 1)
        features |= feature_bit(VIRTIO_BLK_F_MQ);
    if (disk.discard && !disk.read_only)
        features |= feature_bit(VIRTIO_BLK_F_DISCARD) | feature_bit(VIRTIO_BLK_F_WRITE_ZEROES);
    return features;
}

virtio_blk_config block_config(const DiskProperties& disk) {
    virtio_blk_config config{};
    config.capacity = disk.sectors;
    config.seg_max = disk.max_segments;
    config.blk_size = disk.block_size;
    config.num_queues = disk.queues;
    if (disk.discard && !disk.read_only) {
        config.max_discard_sectors = max_range_sectors;
        config.max_discard_seg = 1;
        config.discard_sector_alignment = disk.block_size / sector_size;
        config.max_write_zeroes_sectors = max_range_sectors;
        config.max_write_zeroes_seg = 1;
        config.write_zeroes_may_unmap = 1;
    }
    return config;
}

} // namespace cloison::io
