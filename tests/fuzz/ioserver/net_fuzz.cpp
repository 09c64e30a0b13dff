// SPDX-License-Identifier: Apache-2.0
// Two hostile guests at the ports of one switch: rings, headers and frames are arbitrary, and so is
// what each has negotiated. The sanitizers watch the ends of both memories; a frame that is cut or
// summed is never longer than what was sent.
#include "ioserver/devices/net/net_device.hpp"
#include "ioserver/devices/net/switch.hpp"
#include "tests/fuzz/ioserver/hostile_guest.hpp"

namespace {

using namespace cloison;
using namespace cloison::io;

constexpr u32 receive = NetDevice<GuestRegions>::receive_queue;
constexpr u32 transmit = NetDevice<GuestRegions>::transmit_queue;

class Guest final : public SwitchPort {
  public:
    Guest(Switch& network, Input& input, u8 number)
        : network_(network),
          device_({2, 0, 0, 0, 0, number}),
          features_(input.below(2) == 0 ? net_features : net_features & input.bits()) {
        PortConfig config{.vlan = static_cast<u16>(1 + input.below(2)),
                          .trunk = input.below(4) == 0};
        port_ = *network.connect(*this, config);
        for (u32 index : {receive, transmit})
            start(index);
    }

    bool deliver(const Frame& frame) override {
        demand(frame.size() <= max_frame + 4);
        demand(frame.head.size() <= frame.size());
        return device_.receive(frame);
    }
    void send(const virtio_net_hdr_v1& header, std::span<const Segment> frame) {
        for (const Segment& segment : frame)
            demand(memory_.owns(segment));
        network_.forward(port_, header, frame, now_ += 7);
    }
    void step(Input& input) {
        switch (input.below(8)) {
        case 0:
        case 1:
            device_.transmit(*this);
            break;
        case 2:
            offer_frame(input);
            break;
        case 3:
        case 4: // a buffer to receive into
            put({HostileGuest::high, 0x400 - input.below(64), VRING_DESC_F_WRITE, 0}, receive);
            break;
        case 5:
            if (u32 index = input.below(2); input.below(8) == 0) {
                device_.stop_queue(index);
                start(index);
            }
            break;
        default:
            memory_.act(input, input.below(2));
        }
        for (u32 index : {receive, transmit})
            demand(device_.queue(index).in_flight() <= HostileGuest::queue_size);
    }

  private:
    void start(u32 index) {
        auto* record = reinterpret_cast<u8*>(records_[index].data());
        demand(device_.start_queue(index, memory_.memory(), memory_.layout(index), features_,
                                   {record, sizeof records_[index]}, 0) == QueueError::none);
    }
    void put(const vring_desc& descriptor, u32 queue) {
        std::memcpy(memory_.at(memory_.layout(queue).descriptors), &descriptor, sizeof descriptor);
        memory_.offer(queue, 0);
    }
    /// TCP over IPv4 or IPv6 as it might be, its header asking for something.
    void offer_frame(Input& input) {
        u8* at = memory_.at(HostileGuest::low + 0x400);
        virtio_net_hdr_v1 header{};
        header.flags = static_cast<u8>(input.below(2));
        header.gso_type = static_cast<u8>(input.below(2) == 0 ? 0 : 1 + 3 * input.below(2));
        header.gso_size =
            static_cast<u16>(input.below(2) == 0 ? 1 + input.below(200) : input.word());
        header.csum_start = static_cast<u16>(input.below(3) == 0 ? input.word() : 34);
        header.csum_offset = 16;
        std::memcpy(at, &header, sizeof header);
        u8* frame = at + sizeof header;
        std::memset(frame, 0, 80);
        const u8 addresses[] = {2, 0, 0, 0, 0, input.byte(), 2, 0, 0, 0, 0, input.byte()};
        std::memcpy(frame, addresses, sizeof addresses);
        bool tagged = input.below(4) == 0, ipv6 = header.gso_type == VIRTIO_NET_HDR_GSO_TCPV6;
        u8* type = frame + 12 + (tagged ? 4 : 0);
        frame[12] = 0x81;
        frame[15] = static_cast<u8>(input.below(3));
        type[0] = ipv6 ? 0x86 : 0x08;
        type[1] = ipv6 ? 0xDD : 0x00;
        type[2] = ipv6 ? 0x60 : static_cast<u8>(0x45 + input.below(3) * input.below(2));
        type[ipv6 ? 8 : 11] = 6;
        type[(ipv6 ? 42 : 22) + 12] = static_cast<u8>(input.below(2) == 0 ? 0x50 : input.byte());
        u32 size = 12 + 40 + input.below(3) * 250 + input.below(60);
        put({HostileGuest::low + 0x400, size, 0, 0}, transmit);
    }

    Switch& network_;
    HostileGuest memory_;
    NetDevice<GuestRegions> device_;
    u64 features_;
    u32 port_ = 0;
    u64 now_ = 0;
    std::array<std::array<u64, InflightRecord::bytes(HostileGuest::queue_size) / 8>, 2> records_{};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    Input input({data, size});
    Switch network;
    Guest first(network, input, 1), second(network, input, 2);
    while (!input.empty())
        (input.below(2) == 0 ? first : second).step(input);
    return 0;
}
