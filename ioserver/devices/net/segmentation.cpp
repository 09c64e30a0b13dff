// SPDX-License-Identifier: Apache-2.0
#include "ioserver/devices/net/segmentation.hpp"

#include "ioserver/devices/net/checksum.hpp"

#include <algorithm>
#include <linux/if_ether.h>
#include <linux/in.h>

namespace cloison::io {

namespace {

// RFC 791, RFC 8200 and RFC 9293: offsets of fields in their headers.
constexpr usize ipv4_length = 2, ipv4_id = 4, ipv4_protocol = 9, ipv4_checksum = 10,
                ipv4_addresses = 12, ipv4_header = 20;
constexpr usize ipv6_length = 4, ipv6_next = 6, ipv6_addresses = 8, ipv6_header = 40;
constexpr usize tcp_sequence = 4, tcp_offset = 12, tcp_flags = 13, tcp_checksum = 16,
                tcp_header = 20;
constexpr u8 tcp_fin = 0x01, tcp_psh = 0x08, tcp_cwr = 0x80;
constexpr u16 vlan_header = 4;

} // namespace

u16 Segmentation::load16(usize at) const {
    return static_cast<u16>(headers_[at] << 8 | headers_[at + 1]);
}

u32 Segmentation::load32(usize at) const {
    return u32{load16(at)} << 16 | load16(at + 2);
}

void Segmentation::store16(usize at, u32 value) {
    headers_[at] = static_cast<u8>(value >> 8);
    headers_[at + 1] = static_cast<u8>(value);
}

void Segmentation::store32(usize at, u32 value) {
    store16(at, value >> 16);
    store16(at + 2, value);
}

bool Segmentation::begin(const Frame& frame) {
    frame_ = frame;
    headers_.fill(0);
    copy_frame(frame, 0, headers_);
    done_ = 0;
    count_ = 0;
    return frame.header.gso_size > 0 && parse_headers() && size_ < frame.size() &&
           frame.head.size() <= size_;
}

bool Segmentation::parse_headers() {
    ip_ = ETH_HLEN;
    u16 type = load16(12);
    if (type == ETH_P_8021Q) {
        type = load16(12 + vlan_header);
        ip_ += vlan_header;
    }
    u32 gso = frame_.header.gso_type & ~u32{VIRTIO_NET_HDR_GSO_ECN};
    ipv6_ = gso == VIRTIO_NET_HDR_GSO_TCPV6;
    if (type != (ipv6_ ? ETH_P_IPV6 : ETH_P_IP) || (!ipv6_ && gso != VIRTIO_NET_HDR_GSO_TCPV4))
        return false;
    usize length = ipv6_ ? ipv6_header : usize{headers_[ip_] & 15u} * 4;
    if (headers_[ip_] >> 4 != (ipv6_ ? 6 : 4) || length < ipv4_header ||
        headers_[ip_ + (ipv6_ ? ipv6_next : ipv4_protocol)] != IPPROTO_TCP)
        return false;
    tcp_ = ip_ + length;
    usize tcp_length = usize{headers_[tcp_ + tcp_offset]} / 16 * 4;
    size_ = tcp_ + tcp_length;
    first_sequence_ = load32(tcp_ + tcp_sequence);
    first_id_ = load16(ip_ + ipv4_id);
    flags_ = headers_[tcp_ + tcp_flags];
    return tcp_length >= tcp_header && size_ <= headers_.size() && size_ <= frame_.size();
}

std::optional<Frame> Segmentation::next() {
    u64 left = frame_.size() - size_ - done_;
    if (left == 0)
        return std::nullopt;
    u64 payload = std::min<u64>(left, frame_.header.gso_size);
    patch_ip(payload);
    patch_tcp(payload, payload == left);
    Frame piece;
    piece.header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    piece.header.csum_start = static_cast<u16>(tcp_);
    piece.header.csum_offset = tcp_checksum;
    piece.head = std::span(headers_).first(size_);
    piece.body = frame_.body;
    piece.body_offset = frame_.body_offset + (size_ - frame_.head.size()) + done_;
    piece.body_size = payload;
    done_ += payload;
    ++count_;
    return piece;
}

void Segmentation::patch_ip(u64 payload) {
    u32 length = static_cast<u32>(size_ - ip_ + payload);
    if (ipv6_) {
        store16(ip_ + ipv6_length, length - u32{ipv6_header});
        return;
    }
    store16(ip_ + ipv4_length, length);
    store16(ip_ + ipv4_id, first_id_ + count_);
    store16(ip_ + ipv4_checksum, 0);
    ChecksumSum sum;
    sum.add(std::span(headers_).subspan(ip_, tcp_ - ip_));
    store16(ip_ + ipv4_checksum, static_cast<u16>(~sum.folded()));
}

void Segmentation::patch_tcp(u64 payload, bool last) {
    store32(tcp_ + tcp_sequence, first_sequence_ + static_cast<u32>(done_));
    u32 flags = flags_;
    if (!last) // the end of the data is in the last one only
        flags &= ~u32{tcp_fin | tcp_psh};
    if (count_ > 0) // a reduced window is told once (RFC 3168)
        flags &= ~u32{tcp_cwr};
    headers_[tcp_ + tcp_flags] = static_cast<u8>(flags);
    // The pseudo header's sum, which whoever computes the checksum goes on from.
    ChecksumSum sum;
    usize addresses = ip_ + (ipv6_ ? ipv6_addresses : ipv4_addresses);
    sum.add(std::span(headers_).subspan(addresses, ipv6_ ? 32 : 8));
    sum.add_word(static_cast<u32>(size_ - tcp_ + payload));
    sum.add_word(IPPROTO_TCP);
    store16(tcp_ + tcp_checksum, sum.folded());
}

} // namespace cloison::io
