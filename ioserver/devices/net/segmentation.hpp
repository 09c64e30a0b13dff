// SPDX-License-Identifier: Apache-2.0
// TCP segmentation in software, for a receiver that did not offer to take large frames: what a
// network card does with VIRTIO_NET_HDR_GSO_TCPV4 and _TCPV6.
#pragma once

#include "ioserver/devices/net/frame.hpp"

#include <array>
#include <optional>

namespace cloison::io {

class Segmentation {
  public:
    /// False when the frame is not one that can be cut: not TCP over IPv4 or over IPv6 without
    /// extension headers, or with headers that contradict each other.
    [[nodiscard]] bool begin(const Frame& frame);
    /// The next piece, valid until the next call; its TCP checksum is still to be computed, as its
    /// header says.
    [[nodiscard]] std::optional<Frame> next();

  private:
    static constexpr usize max_headers = 18 + 60 + 60; // Ethernet with a tag, IPv4, TCP

    [[nodiscard]] bool parse_headers();
    void patch_ip(u64 payload);
    void patch_tcp(u64 payload, bool last);
    [[nodiscard]] u16 load16(usize at) const;
    void store16(usize at, u32 value);
    void store32(usize at, u32 value);
    [[nodiscard]] u32 load32(usize at) const;

    Frame frame_;
    std::array<u8, max_headers> headers_{};
    usize ip_ = 0, tcp_ = 0, size_ = 0; // where the headers begin, and where the payload does
    bool ipv6_ = false;
    u32 first_sequence_ = 0;
    u16 first_id_ = 0;
    u8 flags_ = 0;
    u64 done_ = 0; // bytes of payload
    u32 count_ = 0;
};

} // namespace cloison::io
