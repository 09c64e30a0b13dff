// SPDX-License-Identifier: Apache-2.0
// A port of the switch that leads out: a TAP interface of the control partition (Linux,
// Documentation/networking/tuntap.rst).
#pragma once

#include "ioserver/linux/event_loop.hpp"
#include "ioserver/linux/net/network.hpp"

#include <string>
#include <vector>

namespace cloison::io {

class Tap final : public NetworkPort {
  public:
    /// Makes the interface `name`, or takes up one that is there. Throws ServerError.
    Tap(EventLoop& loop, Network& network, const std::string& name, const PortConfig& config);
    ~Tap() override;
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;

    bool deliver(const Frame& frame) override;
    void flush() override {}

  private:
    void on_frames();

    EventLoop& loop_;
    Network& network_;
    Descriptor interface_;
    u32 port_;
    std::vector<u8> buffer_;
};

} // namespace cloison::io
