// SPDX-License-Identifier: Apache-2.0
// A block request as the back end gets it: judged, and pointing into the guest's memory, so that no
// byte is copied on the way.
#pragma once

#include "ioserver/devices/queue/chain.hpp"

#include <linux/virtio_blk.h>

#include <array>
#include <concepts>
#include <optional>

namespace cloison::io {

inline constexpr u32 sector_size = 512; // virtio 1.2, section 5.2.4

enum class BlockOperation : u8 { read, write, flush, discard, write_zeroes };

struct BlockRequest {
    BlockOperation operation = BlockOperation::read;
    bool may_unmap = false;        // write_zeroes: the range need not stay allocated
    bool durable = false;          // to be on stable storage when it completes
    u64 offset = 0;                // bytes; with `size` inside the disk
    u64 size = 0;                  // bytes, also where there are no segments
    std::span<const Segment> data; // read, write; valid until the request completes
    u32 token = 0;                 // what names it in the completion
};

enum class BlockStatus : u8 { // as the guest sees it
    ok = VIRTIO_BLK_S_OK,
    io_error = VIRTIO_BLK_S_IOERR,
    unsupported = VIRTIO_BLK_S_UNSUPP,
};

struct BlockCompletion {
    u32 token = 0;
    BlockStatus status = BlockStatus::ok;
};

/// Where requests go. submit() only takes a request, or refuses it for now, to be offered again
/// after a completion; completed() gives those that are done, in any order.
template <typename B>
concept BlockBackend = requires(B& backend, const BlockRequest& request) {
    { backend.submit(request) } -> std::same_as<bool>;
    { backend.completed() } -> std::same_as<std::optional<BlockCompletion>>;
};

/// A disk as its guest is told of it.
struct DiskProperties {
    u64 sectors = 0; // of 512 bytes
    u32 block_size = 512;
    u16 queues = 1;
    bool read_only = false;
    bool discard = false;       // the back end discards and writes zeroes
    bool write_through = false; // what is acknowledged is on stable storage, without a flush
    u32 max_segments = 126;     // of data in one request
    std::array<char, VIRTIO_BLK_ID_BYTES> serial{};
};

/// What a request came to: for the back end, answered here already, or no request at all.
enum class BlockVerdict : u8 { submit, answered, malformed };

struct ParsedRequest {
    BlockVerdict verdict = BlockVerdict::malformed;
    BlockStatus status = BlockStatus::ok; // when answered
    u32 written = 0;                      // bytes of the guest's that the request fills when ok
    u8* status_byte = nullptr;            // unless malformed
    BlockRequest request;                 // when to be submitted; all but the token
};

/// Judges a chain (virtio 1.2, section 5.2.6). The chain's segments are taken apart in place.
/// `features` are what the driver negotiated.
[[nodiscard]] ParsedRequest parse_block_request(Chain chain, const DiskProperties& disk,
                                                u64 features);

} // namespace cloison::io
