// SPDX-License-Identifier: Apache-2.0
// A virtio network device (virtio 1.2, section 5.1) with one pair of queues. Frames that are sent
// go to a sink; frames that come are placed in the guest's buffers, with done in software what
// their sender left to do and this driver did not offer to.
#pragma once

#include "ioserver/devices/config_space.hpp"
#include "ioserver/devices/net/checksum.hpp"
#include "ioserver/devices/net/net_config.hpp"
#include "ioserver/devices/net/receive_buffers.hpp"
#include "ioserver/devices/net/segmentation.hpp"

namespace cloison::io {

/// Where frames go that a guest sends: `header` and the frame's bytes, valid during the call.
template <typename S>
concept FrameSink = requires(S& sink, const virtio_net_hdr_v1& header,
                             std::span<const Segment> frame) {
    sink.send(header, frame);
};

template <GuestMemory Memory>
class NetDevice {
  public:
    static constexpr u32 receive_queue = 0, transmit_queue = 1, max_queues = 2; // section 5.1.2

    explicit NetDevice(const MacAddress& mac) : mac_(mac) {}

    [[nodiscard]] u64 features() const { return net_features; }
    [[nodiscard]] u32 queues() const { return max_queues; }
    void read_config(u32 offset, std::span<u8> to) const {
        read_config_space(net_config(mac_, link_up_), offset, to);
    }
    /// The guest reads it when its transport says that the configuration changed.
    void set_link(bool up) { link_up_ = up; }

    [[nodiscard]] QueueError start_queue(u32 index, const Memory& memory, const QueueLayout& layout,
                                         u64 features, std::span<u8> record, u16 base) {
        features_ = features & net_features;
        if (index == receive_queue)
            buffers_.clear();
        return queues_[index].start(memory, layout, features_, record, base);
    }
    /// Chains that wait for frames are given back empty, since nothing may be in flight.
    void stop_queue(u32 index) {
        if (index == receive_queue)
            return_buffers();
        queues_[index].stop();
    }
    [[nodiscard]] Queue<Memory>& queue(u32 index) { return queues_[index]; }

    /// Sends at most a queue full of frames. True when there may be more.
    template <FrameSink Sink>
    bool transmit(Sink& sink) {
        Queue<Memory>& queue = queues_[transmit_queue];
        for (u32 count = 0; count < 256; ++count) {
            Chain chain;
            if (queue.take(segments_, chain) != Take::chain)
                return false;
            virtio_net_hdr_v1 header{};
            if (!chain.writable.empty() || !take_front(chain.readable, &header, sizeof header)) {
                queue.fail(QueueError::request_malformed);
                return false;
            }
            if (header_is_sound(header, total_size(chain.readable)))
                sink.send(header, chain.readable);
            queue.complete(chain.head, 0);
        }
        return true;
    }

    /// Places a frame in the guest's buffers. False when there is no room for it, or for a part of
    /// it where it had to be cut, or the link is down.
    bool receive(const Frame& frame) {
        if (!link_up_ || !queues_[receive_queue].running())
            return false;
        if (frame.header.gso_type == VIRTIO_NET_HDR_GSO_NONE || takes_large(frame.header.gso_type))
            return place(frame);
        Segmentation pieces;
        if (!pieces.begin(frame))
            return false;
        bool all = true;
        while (std::optional<Frame> piece = pieces.next())
            all = place(*piece) && all;
        return all;
    }

  private:
    [[nodiscard]] bool negotiated(u32 feature) const {
        return (features_ & feature_bit(feature)) != 0;
    }
    [[nodiscard]] bool takes_large(u32 gso_type) const {
        return gso_type == VIRTIO_NET_HDR_GSO_TCPV4   ? negotiated(VIRTIO_NET_F_GUEST_TSO4)
               : gso_type == VIRTIO_NET_HDR_GSO_TCPV6 ? negotiated(VIRTIO_NET_F_GUEST_TSO6)
                                                      : false;
    }
    /// Whether the driver may ask for this, and it makes sense (section 5.1.6.2.1). A frame that
    /// does not is dropped, as a network does.
    [[nodiscard]] bool header_is_sound(const virtio_net_hdr_v1& header, u64 size) const {
        bool partial = (header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
        bool cut = header.gso_type != VIRTIO_NET_HDR_GSO_NONE;
        if (size < ETH_HLEN || size > max_frame || (partial && !negotiated(VIRTIO_NET_F_CSUM)))
            return false;
        if (partial && u64{header.csum_start} + header.csum_offset + sizeof(u16) > size)
            return false;
        bool may_cut =
            (header.gso_type == VIRTIO_NET_HDR_GSO_TCPV4 && negotiated(VIRTIO_NET_F_HOST_TSO4)) ||
            (header.gso_type == VIRTIO_NET_HDR_GSO_TCPV6 && negotiated(VIRTIO_NET_F_HOST_TSO6));
        return !cut || (partial && may_cut && header.gso_size > 0);
    }

    /// How many buffers the frame takes, from the first on, 0 for too few.
    u32 buffers_for(u64 size) {
        u64 room = 0;
        u32 most = negotiated(VIRTIO_NET_F_MRG_RXBUF) ? ReceiveBuffers<Memory>::max_chains : 1;
        for (u32 count = 1; count <= most; ++count) {
            auto buffers = buffers_.peek(queues_[receive_queue], count);
            if (buffers.size() < count)
                return 0;
            room += total_size(buffers[count - 1].room);
            if (room >= size)
                return count;
        }
        return 0;
    }

    bool place(const Frame& frame) {
        Queue<Memory>& queue = queues_[receive_queue];
        u64 size = sizeof(virtio_net_hdr_v1) + frame.size();
        u32 count = buffers_for(size);
        if (count == 0)
            return false;
        std::array<Segment, 256> room; // the buffers' segments in one list
        usize pieces = 0;
        for (const auto& buffer : buffers_.peek(queue, count)) {
            if (pieces + buffer.room.size() > room.size())
                return false;
            for (const Segment& segment : buffer.room)
                room[pieces++] = segment;
        }
        fill(frame, std::span(room).first(pieces), wrap16(count));
        for (u64 left = size; count > 0; --count) {
            u64 length = std::min(left, total_size(buffers_.peek(queue, 1).front().room));
            buffers_.give_back(queue, static_cast<u32>(length));
            left -= length;
        }
        queue.publish(); // all buffers of a frame at one time (section 5.1.6.4)
        return true;
    }

    void fill(const Frame& frame, std::span<const Segment> room, u16 count) {
        bool partial = (frame.header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
        bool finish = partial && !negotiated(VIRTIO_NET_F_GUEST_CSUM);
        virtio_net_hdr_v1 header = finish ? virtio_net_hdr_v1() : frame.header;
        header.num_buffers = count;
        copy_in(room, 0, {reinterpret_cast<const u8*>(&header), sizeof header});
        place_frame(frame, room, sizeof header);
        if (finish)
            finish_checksum(frame, room);
    }
    /// The checksum that the sender left to be computed, over what has been placed.
    static void finish_checksum(const Frame& frame, std::span<const Segment> room) {
        u64 start = frame.header.csum_start, at = start + frame.header.csum_offset;
        if (at + sizeof(u16) > frame.size())
            return;
        ChecksumSum sum;
        sum.add(room, sizeof(virtio_net_hdr_v1) + start, frame.size() - start);
        u32 value = ~u32{sum.folded()} & 0xFFFF;
        value = value == 0 ? 0xFFFF : value; // 0 means none (RFC 768)
        const u8 bytes[] = {static_cast<u8>(value >> 8), static_cast<u8>(value)};
        copy_in(room, sizeof(virtio_net_hdr_v1) + at, bytes);
    }
    void return_buffers() {
        Queue<Memory>& queue = queues_[receive_queue];
        while (buffers_.held() > 0)
            buffers_.give_back(queue, 0);
        queue.publish();
    }

    MacAddress mac_;
    bool link_up_ = true;
    u64 features_ = 0;
    std::array<Queue<Memory>, max_queues> queues_;
    ReceiveBuffers<Memory> buffers_;
    std::array<Segment, 64> segments_; // of the frame that is being sent
};

} // namespace cloison::io
