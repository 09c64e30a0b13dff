// SPDX-License-Identifier: Apache-2.0
#include "ioserver/devices/net/switch.hpp"

#include <algorithm>
#include <linux/if_ether.h>

namespace cloison::io {

namespace {

// IEEE 802.1Q, section 9.6: the tag behind the addresses. linux/if_vlan.h has no more than ioctls.
constexpr usize tag_size = 4, tag_at = 12;
constexpr u16 vlan_mask = 0x0FFF, vlan_reserved = 0x0FFF;
constexpr u64 thousand = 1000;

bool is_group(const MacAddress& mac) {
    return (mac[0] & 1) != 0;
}

/// Addresses that no bridge forwards (section 8.6.3): 01-80-C2-00-00-00 to -0F.
bool is_reserved(const MacAddress& mac) {
    constexpr std::array<u8, 5> prefix{0x01, 0x80, 0xC2, 0x00, 0x00};
    return std::equal(prefix.begin(), prefix.end(), mac.begin()) && mac[5] < 0x10;
}

/// Offsets into a frame that became `by` bytes longer behind the addresses, or shorter.
virtio_net_hdr_v1 moved(virtio_net_hdr_v1 header, int by) {
    if ((header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)
        header.csum_start = static_cast<u16>(header.csum_start + by);
    if (header.gso_type != VIRTIO_NET_HDR_GSO_NONE)
        header.hdr_len = static_cast<u16>(header.hdr_len + by);
    return header;
}

} // namespace

std::optional<u32> Switch::connect(SwitchPort& port, const PortConfig& config) {
    bool valid = config.vlan < vlan_reserved && (config.vlan > 0 || config.trunk);
    if (count_ == max_ports || !valid)
        return std::nullopt;
    ports_[count_] = {&port, config, {}, config.flood_limit * thousand, 0};
    return count_++;
}

bool Switch::parse(const PortConfig& config, std::span<const Segment> frame, Ingress& ingress) {
    std::array<u8, tag_at + tag_size> start{};
    if (copy_out(frame, 0, start) < ETH_HLEN)
        return false;
    std::copy_n(start.begin(), tag_at, ingress.addresses.begin());
    ingress.vlan = config.vlan;
    if ((start[tag_at] << 8 | start[tag_at + 1]) == ETH_P_8021Q) {
        if (!config.trunk || total_size(frame) < tag_at + tag_size + 2)
            return false; // a guest does not choose its VLAN
        auto tag = static_cast<u16>(start[tag_at + 2] << 8 | start[tag_at + 3]);
        ingress.tagged = true;
        ingress.priority = tag & static_cast<u16>(~vlan_mask);
        if ((tag & vlan_mask) != 0) // 0: a priority only
            ingress.vlan = tag & vlan_mask;
    }
    return ingress.vlan != 0 && ingress.vlan != vlan_reserved && !is_group(ingress.source()) &&
           !is_reserved(ingress.destination());
}

void Switch::forward(u32 from, const virtio_net_hdr_v1& header, std::span<const Segment> frame,
                     u64 now) {
    Port& source = ports_[from];
    u64 size = total_size(frame);
    ++source.statistics.frames_in;
    source.statistics.bytes_in += size;
    Ingress ingress;
    if (!parse(source.config, frame, ingress)) {
        ++source.statistics.refused;
        return;
    }
    table_.learn(ingress.vlan, ingress.source(), from, now);
    if (std::optional<u32> to = table_.find(ingress.vlan, ingress.destination(), now)) {
        if (*to != from)
            emit(ports_[*to], ingress, header, frame, size);
        return;
    }
    if (!may_flood(source, now)) {
        ++source.statistics.over_limit;
        return;
    }
    ++source.statistics.flooded;
    for (u32 to = 0; to < count_; ++to)
        if (to != from && member(ports_[to].config, ingress.vlan))
            emit(ports_[to], ingress, header, frame, size);
}

/// A bucket that fills with the port's limit a second, and holds a second of it.
bool Switch::may_flood(Port& port, u64 now) {
    u64 full = port.config.flood_limit * thousand;
    u64 elapsed = std::min(now - port.allowance_time, thousand);
    port.allowance_time = now;
    port.allowance = std::min(full, port.allowance + elapsed * port.config.flood_limit);
    if (port.allowance < thousand)
        return false;
    port.allowance -= thousand;
    return true;
}

void Switch::emit(Port& port, const Ingress& ingress, const virtio_net_hdr_v1& header,
                  std::span<const Segment> frame, u64 size) {
    bool tag = port.config.trunk && ingress.vlan != port.config.vlan;
    std::array<u8, tag_at + tag_size> head{};
    std::copy(ingress.addresses.begin(), ingress.addresses.end(), head.begin());
    u32 control = u32{ingress.priority} | ingress.vlan;
    const std::array<u8, tag_size> bytes{u8{ETH_P_8021Q >> 8}, u8{ETH_P_8021Q & 0xFF},
                                         static_cast<u8>(control >> 8), static_cast<u8>(control)};
    std::copy(bytes.begin(), bytes.end(), head.begin() + tag_at);
    Frame out;
    out.header = moved(header, (tag ? int{tag_size} : 0) - (ingress.tagged ? int{tag_size} : 0));
    out.head = std::span(head).first(tag ? tag_at + tag_size : tag_at);
    out.body = frame;
    out.body_offset = ingress.tagged ? tag_at + tag_size : tag_at;
    out.body_size = size - out.body_offset;
    bool delivered = port.device->deliver(out);
    ++(delivered ? port.statistics.frames_out : port.statistics.dropped_out);
    port.statistics.bytes_out += delivered ? out.size() : 0;
}

} // namespace cloison::io
