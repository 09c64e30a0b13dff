// SPDX-License-Identifier: Apache-2.0
// A network device at a port of the switch.
#pragma once

#include "ioserver/devices/net/net_device.hpp"
#include "ioserver/linux/device_server.hpp"
#include "ioserver/linux/event_loop.hpp"
#include "ioserver/linux/net/network.hpp"

namespace cloison::io {

class NetServer final : public DeviceServer, public NetworkPort {
  public:
    /// Throws ServerError where the switch has no such port.
    NetServer(EventLoop& loop, Network& network, const MacAddress& mac, const PortConfig& config);

    [[nodiscard]] u64 features() const override { return device_.features(); }
    [[nodiscard]] u32 queues() const override { return device_.queues(); }
    void read_config(u32 offset, std::span<u8> to) const override {
        device_.read_config(offset, to);
    }
    [[nodiscard]] QueueError start_queue(u32 index, const GuestRegions& memory,
                                         const QueueLayout& layout, u64 features,
                                         std::span<u8> record, u16 base) override;
    [[nodiscard]] u32 left_over(u32 index) override { return device_.queue(index).in_flight(); }
    u16 stop_queue(u32 index) override;
    void kicked(u32 index) override;
    void poll() override;

    /// Plugs the cable in or pulls it out.
    void set_link(bool up);
    /// The number of its port.
    [[nodiscard]] u32 port() const { return port_; }

    bool deliver(const Frame& frame) override { return device_.receive(frame); }
    void flush() override;
    /// A frame that the guest sends; see FrameSink.
    void send(const virtio_net_hdr_v1& header, std::span<const Segment> frame) {
        network_.forward(port_, header, frame);
    }

  private:
    EventLoop& loop_;
    Network& network_;
    NetDevice<GuestRegions> device_;
    u32 port_;
};

} // namespace cloison::io
