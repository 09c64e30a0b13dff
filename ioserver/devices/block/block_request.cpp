// SPDX-License-Identifier: Apache-2.0
#include "ioserver/devices/block/block_request.hpp"

#include "ioserver/devices/queue/queue.hpp"

#include <algorithm>

namespace cloison::io {

namespace {

ParsedRequest answered(BlockStatus status, u32 written = 0) {
    ParsedRequest parsed;
    parsed.verdict = BlockVerdict::answered;
    parsed.status = status;
    parsed.written = written;
    return parsed;
}

ParsedRequest submitted(const BlockRequest& request, u64 written = 0) {
    ParsedRequest parsed;
    parsed.verdict = BlockVerdict::submit;
    parsed.request = request;
    parsed.written = static_cast<u32>(written);
    return parsed;
}

/// Whether [sector, sector + size / 512) is on the disk; `size` in bytes.
bool on_disk(const DiskProperties& disk, u64 sector, u64 size) {
    return size % sector_size == 0 && sector <= disk.sectors &&
           size / sector_size <= disk.sectors - sector;
}

ParsedRequest parse_transfer(BlockOperation operation, std::span<const Segment> data, u64 sector,
                             const DiskProperties& disk) {
    u64 size = total_size(data);
    if (!on_disk(disk, sector, size))
        return answered(BlockStatus::io_error);
    if (size == 0)
        return answered(BlockStatus::ok);
    BlockRequest request;
    request.operation = operation;
    request.offset = sector * sector_size;
    request.size = size;
    request.data = data;
    return submitted(request, operation == BlockOperation::read ? size : 0);
}

/// Discard and write zeroes: one range, since that is what the configuration space offers.
ParsedRequest parse_range(BlockOperation operation, std::span<Segment> data,
                          const DiskProperties& disk) {
    virtio_blk_discard_write_zeroes range{};
    if (total_size(data) != sizeof range || !take_front(data, &range, sizeof range))
        return answered(BlockStatus::io_error);
    // Section 5.2.6.2: unmap has no meaning for a discard, and the other bits none at all.
    u32 allowed =
        operation == BlockOperation::write_zeroes ? VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP : 0;
    if ((range.flags & ~allowed) != 0)
        return answered(BlockStatus::unsupported);
    u64 size = u64{range.num_sectors} * sector_size;
    if (!on_disk(disk, range.sector, size))
        return answered(BlockStatus::io_error);
    if (size == 0)
        return answered(BlockStatus::ok);
    BlockRequest request;
    request.operation = operation;
    request.may_unmap = (range.flags & VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP) != 0;
    request.offset = range.sector * sector_size;
    request.size = size;
    return submitted(request);
}

ParsedRequest parse_id(std::span<const Segment> into, const DiskProperties& disk) {
    std::span<const u8> serial(reinterpret_cast<const u8*>(disk.serial.data()), disk.serial.size());
    return answered(BlockStatus::ok, static_cast<u32>(copy_in(into, 0, serial)));
}

ParsedRequest parse_command(const virtio_blk_outhdr& header, const Chain& chain,
                            const DiskProperties& disk, u64 features) {
    bool changes = header.type == VIRTIO_BLK_T_OUT || header.type == VIRTIO_BLK_T_DISCARD ||
                   header.type == VIRTIO_BLK_T_WRITE_ZEROES;
    if (changes && disk.read_only) // section 5.2.6.2
        return answered(BlockStatus::io_error);
    auto negotiated = [&](u32 feature) { return (features & feature_bit(feature)) != 0; };
    switch (header.type) {
    case VIRTIO_BLK_T_IN:
        return parse_transfer(BlockOperation::read, chain.writable, header.sector, disk);
    case VIRTIO_BLK_T_OUT:
        return parse_transfer(BlockOperation::write, chain.readable, header.sector, disk);
    case VIRTIO_BLK_T_FLUSH:
        if (negotiated(VIRTIO_BLK_F_FLUSH))
            return submitted({.operation = BlockOperation::flush, .data = {}});
        break;
    case VIRTIO_BLK_T_DISCARD:
        if (negotiated(VIRTIO_BLK_F_DISCARD))
            return parse_range(BlockOperation::discard, chain.readable, disk);
        break;
    case VIRTIO_BLK_T_WRITE_ZEROES:
        if (negotiated(VIRTIO_BLK_F_WRITE_ZEROES))
            return parse_range(BlockOperation::write_zeroes, chain.readable, disk);
        break;
    case VIRTIO_BLK_T_GET_ID:
        return parse_id(chain.writable, disk);
    default:
        break;
    }
    return answered(BlockStatus::unsupported);
}

} // namespace

ParsedRequest parse_block_request(Chain chain, const DiskProperties& disk, u64 features) {
    // Header and status may share descriptors with the data, or be split (section 2.7.4.2).
    virtio_blk_outhdr header{};
    u8* status_byte = take_last_byte(chain.writable);
    if (status_byte == nullptr || !take_front(chain.readable, &header, sizeof header))
        return {};
    ParsedRequest parsed = parse_command(header, chain, disk, features);
    parsed.status_byte = status_byte;
    // A driver that cannot flush relies on every write (section 5.2.6.2).
    parsed.request.durable = (features & feature_bit(VIRTIO_BLK_F_FLUSH)) == 0;
    return parsed;
}

} // namespace cloison::io
