// SPDX-License-Identifier: Apache-2.0
// The messages of vhost-user (QEMU's docs/interop/vhost-user) that this back end knows, as they are
// on the socket. Linux's headers have the ring messages only.
#pragma once

#include "firmware/abi/types.hpp"
#include "ioserver/devices/queue/virtio_ring.hpp"

#include <linux/vhost_types.h>

#include <array>

namespace cloison::io::vhost_user {

enum class RequestId : u32 {
    get_features = 1,
    set_features = 2,
    set_owner = 3,
    reset_owner = 4,
    set_mem_table = 5,
    set_vring_num = 8,
    set_vring_addr = 9,
    set_vring_base = 10,
    get_vring_base = 11,
    set_vring_kick = 12,
    set_vring_call = 13,
    set_vring_err = 14,
    get_protocol_features = 15,
    set_protocol_features = 16,
    get_queue_num = 17,
    set_vring_enable = 18,
    get_config = 24,
    set_config = 25,
    get_inflight_fd = 31,
    set_inflight_fd = 32,
};

inline constexpr u32 flag_version = 1; // bits 1:0
inline constexpr u32 flag_version_mask = 3;
inline constexpr u32 flag_reply = 4;
inline constexpr u32 flag_need_reply = 8;

/// A virtio feature bit that only the two ends of the socket see.
inline constexpr u32 feature_protocol_features = 30;

inline constexpr u32 protocol_feature_mq = 0;
inline constexpr u32 protocol_feature_reply_ack = 3;
inline constexpr u32 protocol_feature_config = 9;
inline constexpr u32 protocol_feature_inflight_shmfd = 12;

/// In the payload of set_vring_kick, _call and _err.
inline constexpr u64 vring_index_mask = 0xFF;
inline constexpr u64 vring_no_descriptor = 0x100;

struct Header {
    u32 request;
    u32 flags;
    u32 size; // bytes of payload behind this
};

struct MemoryRegion {
    u64 guest_address;
    u64 size;
    u64 user_address; // in the front end
    u64 mmap_offset;
};
inline constexpr u32 max_memory_regions = 8;

struct MemoryTable {
    u32 count;
    u32 padding;
    std::array<MemoryRegion, max_memory_regions> regions;
};

inline constexpr u32 max_config_size = 256;

struct Config {
    u32 offset;
    u32 size;
    u32 flags;
    std::array<u8, max_config_size> bytes;
};
inline constexpr usize config_header_size = 12;

struct Inflight {
    u64 mmap_size;
    u64 mmap_offset;
    u16 queues;
    u16 queue_size;
};
inline constexpr usize inflight_size =
    20; // some front ends send the padding behind it, some do not

/// The largest payload of all; whatever claims to be longer is refused.
union Payload {
    u64 number;
    vhost_vring_state state;
    vhost_vring_addr address;
    MemoryTable memory;
    Config config;
    Inflight inflight;
    std::array<u8, 512> bytes;
};

} // namespace cloison::io::vhost_user
