// SPDX-License-Identifier: Apache-2.0
// Which port of a switch has which address, learned from the frames that come in and forgotten with
// time (IEEE 802.1Q, section 8.8).
#pragma once

#include "ioserver/devices/net/net_config.hpp"

#include <optional>

namespace cloison::io {

class MacTable {
  public:
    static constexpr u32 entries = 1024, ports = 64;
    /// Addresses of one port, so that a guest that invents them does not crowd out its neighbours.
    static constexpr u32 most_of_one_port = 64;
    static constexpr u64 ageing_ms = 300'000; // the standard's default

    /// `port` below ports; `now` in milliseconds, never less than before.
    void learn(u16 vlan, const MacAddress& mac, u32 port, u64 now);
    [[nodiscard]] std::optional<u32> find(u16 vlan, const MacAddress& mac, u64 now) const;
    /// Forgets all addresses of a port.
    void forget(u32 port);

  private:
    struct Entry {
        MacAddress mac{};
        u16 vlan = 0;
        u32 port = 0;
        u64 seen = 0;
        bool used = false;
    };
    /// Entries that an address may be in.
    static constexpr u32 ways = 8;

    [[nodiscard]] static u32 bucket(u16 vlan, const MacAddress& mac);
    [[nodiscard]] static bool alive(const Entry& entry, u64 now) {
        return entry.used && now - entry.seen < ageing_ms;
    }
    void release(Entry& entry);
    /// Takes entries back that are too old, where a port has no room otherwise.
    void expire(u32 port, u64 now);

    std::array<Entry, entries> table_{};
    std::array<u32, ports> counts_{};
};

} // namespace cloison::io
