// SPDX-License-Identifier: Apache-2.0
// Who serves a partition, and the slots of its bus that it fills.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/rules/index.hpp"

#include <algorithm>
#include <set>

namespace cloison {

class ServersOf {
  public:
    explicit ServersOf(const Layout& layout)
        : volumes_(layout.volumes),
          switches_(layout.switches) {}

    /// The names of those that serve the partition's disks, networks and consoles, as written.
    [[nodiscard]] std::set<std::string_view> operator()(const LayoutPartition& partition) const {
        std::set<std::string_view> servers;
        for (const Disk& disk : partition.disks)
            if (const Volume* volume = volumes_.find(disk.volume); volume != nullptr)
                servers.insert(volume->server);
        for (const Network& network : partition.networks)
            if (const Switch* one = switches_.find(network.switch_name); one != nullptr)
                servers.insert(one->server);
        for (const Console& console : partition.consoles)
            if (!console.server.empty())
                servers.insert(console.server);
        return servers;
    }

  private:
    Index<Volume> volumes_;
    Index<Switch> switches_;
};

/// Slots of its PCI bus that a partition has for itself: devices of the machine, disks, networks,
/// and one for all virtio consoles.
inline usize own_slots(const LayoutPartition& partition) {
    bool consoles =
        std::any_of(partition.consoles.begin(), partition.consoles.end(),
                    [](const Console& console) { return console.type == ConsoleType::virtio; });
    return partition.devices.size() + partition.disks.size() + partition.networks.size() +
           (consoles ? 1 : 0);
}

} // namespace cloison
