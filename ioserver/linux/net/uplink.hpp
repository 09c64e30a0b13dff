// SPDX-License-Identifier: Apache-2.0
// A port of the switch that leads out through a network interface of this partition: all that
// comes in goes to the switch, and the interface's own addresses stay this partition's (packet(7)).
#pragma once

#include "ioserver/linux/event_loop.hpp"
#include "ioserver/linux/net/network.hpp"

#include <string>
#include <vector>

namespace cloison::io {

class Uplink final : public NetworkPort {
  public:
    /// Brings the interface `name` up, promiscuous. Frames without a tag are of VLAN 1, all others
    /// keep theirs. Throws ServerError.
    Uplink(EventLoop& loop, Network& network, const std::string& name);
    ~Uplink() override;
    Uplink(const Uplink&) = delete;
    Uplink& operator=(const Uplink&) = delete;

    bool deliver(const Frame& frame) override;
    void flush() override {}
    /// The number of its port.
    [[nodiscard]] u32 port() const { return port_; }

  private:
    void on_frames();
    /// False when there is no frame.
    bool receive();

    EventLoop& loop_;
    Network& network_;
    Descriptor socket_;
    u32 port_;
    std::vector<u8> buffer_;
};

} // namespace cloison::io
