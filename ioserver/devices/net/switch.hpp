// SPDX-License-Identifier: Apache-2.0
// A virtual switch: learns where addresses are, keeps VLANs apart (IEEE 802.1Q), and never sends a
// frame back where it came from.
#pragma once

#include "ioserver/devices/net/frame.hpp"
#include "ioserver/devices/net/mac_table.hpp"

#include <array>

namespace cloison::io {

/// What a port is connected to.
class SwitchPort {
  public:
    /// A frame for it, valid during the call. False when it was dropped.
    virtual bool deliver(const Frame& frame) = 0;

  protected:
    ~SwitchPort() = default;
};

struct PortConfig {
    /// Access: frames have no tag outside, and are of this VLAN inside. Trunk: of this VLAN are
    /// frames without a tag; 0: they are dropped.
    u16 vlan = 1; // 1 to 4094
    bool trunk = false;
    /// Frames a second of those that go to everyone, broadcasts and others; more are dropped.
    u32 flood_limit = 10'000;
};

struct PortStatistics {
    u64 frames_in = 0, bytes_in = 0;
    u64 frames_out = 0, bytes_out = 0;
    u64 flooded = 0;     // came in and went to more than one port, or might have
    u64 refused = 0;     // came in malformed, or with a VLAN that is not the port's
    u64 over_limit = 0;  // came in and were too many to flood
    u64 dropped_out = 0; // were for it, and had no room
};

class Switch {
  public:
    static constexpr u32 max_ports = MacTable::ports;

    /// The number of the new port, or nothing when there are max_ports or the VLAN is none.
    /// `port` lives as long as the switch.
    std::optional<u32> connect(SwitchPort& port, const PortConfig& config);
    /// A frame that comes in at port `from`, at time `now` in milliseconds.
    void forward(u32 from, const virtio_net_hdr_v1& header, std::span<const Segment> frame,
                 u64 now);
    [[nodiscard]] const PortStatistics& statistics(u32 port) const {
        return ports_[port].statistics;
    }

  private:
    struct Port {
        SwitchPort* device = nullptr;
        PortConfig config;
        PortStatistics statistics;
        u64 allowance = 0;      // floods, in thousandths
        u64 allowance_time = 0; // when it was reckoned
    };
    /// The frame's addresses and tag, copied once.
    struct Ingress {
        std::array<u8, 12> addresses{};
        u16 vlan = 0;
        u16 priority = 0; // the tag's upper four bits
        bool tagged = false;

        [[nodiscard]] MacAddress destination() const { return mac(0); }
        [[nodiscard]] MacAddress source() const { return mac(6); }
        [[nodiscard]] MacAddress mac(usize at) const {
            MacAddress address;
            std::copy_n(addresses.begin() + static_cast<std::ptrdiff_t>(at), address.size(),
                        address.begin());
            return address;
        }
    };

    [[nodiscard]] static bool parse(const PortConfig& config, std::span<const Segment> frame,
                                    Ingress& ingress);
    [[nodiscard]] static bool member(const PortConfig& config, u16 vlan) {
        return config.trunk || config.vlan == vlan;
    }
    bool may_flood(Port& port, u64 now);
    void emit(Port& port, const Ingress& ingress, const virtio_net_hdr_v1& header,
              std::span<const Segment> frame, u64 size);

    std::array<Port, max_ports> ports_{};
    u32 count_ = 0;
    MacTable table_;
};

} // namespace cloison::io
