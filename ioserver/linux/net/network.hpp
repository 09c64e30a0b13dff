// SPDX-License-Identifier: Apache-2.0
// The switch of this process, its clock, and who has to be told at the end of a batch.
#pragma once

#include "ioserver/devices/net/switch.hpp"

#include <vector>

namespace cloison::io {

/// A port that collects what it is given and tells its guest once.
class NetworkPort : public SwitchPort {
  public:
    virtual ~NetworkPort() = default;
    /// The batch is over.
    virtual void flush() = 0;
};

class Network {
  public:
    /// The number of the new port. Throws ServerError.
    u32 connect(NetworkPort& port, const PortConfig& config);
    void forward(u32 from, const virtio_net_hdr_v1& header, std::span<const Segment> frame);
    /// Ends a batch of forward().
    void flush();
    [[nodiscard]] const PortStatistics& statistics(u32 port) const {
        return switch_.statistics(port);
    }

  private:
    Switch switch_;
    std::vector<NetworkPort*> ports_;
};

} // namespace cloison::io
