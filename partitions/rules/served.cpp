// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/server_map.hpp"
#include "partitions/plan/functions.hpp"
#include "partitions/rules/index.hpp"
#include "partitions/rules/rules.hpp"
#include "partitions/rules/servers_of.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>
#include <set>

namespace cloison {

namespace {

using xml::quote;

class Check {
  public:
    Check(const Layout& layout, Diagnostics& findings)
        : layout_(layout),
          findings_(findings),
          volumes_(layout.volumes),
          switches_(layout.switches) {}

    void run() {
        for (const LayoutPartition& partition : layout_.partitions) {
            for (const Disk& disk : partition.disks)
                check_disk(partition, disk);
            for (const Network& network : partition.networks)
                check_network(partition, network);
            check_consoles(partition);
            check_slots(partition);
            check_single_point(partition);
        }
        for (const Volume& volume : layout_.volumes)
            if (!used_.contains(volume.name))
                unused(volume.where, "volume", volume.name);
        for (const Switch& one : layout_.switches)
            if (!used_.contains(one.name))
                unused(one.where, "switch", one.name);
    }

  private:
    void unused(const Location& where, const char* noun, const std::string& name) {
        findings_.warning(where, "unused",
                          std::string("no partition uses the ") + noun + " " + quote(name),
                          "leave it out, or name it in a partition");
    }

    void check_disk(const LayoutPartition& partition, const Disk& disk) {
        const Volume* volume = volumes_.find(disk.volume);
        if (volume == nullptr) {
            findings_.error(disk.where, "volume-unknown",
                            "there is no volume " + quote(disk.volume),
                            "add a <volume> element to the layout");
            return;
        }
        used_.insert(volume->name);
        if (volume->server == partition.name)
            findings_.error(disk.where, "server-self",
                            quote(partition.name) + " serves volume " + quote(volume->name) +
                                " and would be its client too",
                            "leave the <disk> out: the server has the storage itself");
        if (disk.read_only || volume->shareable)
            return;
        auto [first, fresh] = writers_.emplace(volume->name, &disk);
        if (!fresh)
            findings_.error(disk.where, "volume-double-use",
                            "volume " + quote(volume->name) +
                                " has a second disk that writes to it, the first is in line " +
                                std::to_string(first->second->where.line),
                            "write read-only=\"yes\" in one, or shareable=\"yes\" in the volume "
                            "if the guests' file system can share it");
    }

    void check_network(const LayoutPartition& partition, const Network& network) {
        const Switch* one = switches_.find(network.switch_name);
        if (one == nullptr) {
            findings_.error(network.where, "switch-unknown",
                            "there is no switch " + quote(network.switch_name),
                            "add a <switch> element to the layout");
            return;
        }
        used_.insert(network.switch_name);
        if (one->server == partition.name)
            findings_.error(network.where, "server-self",
                            quote(partition.name) + " serves switch " + quote(one->name) +
                                " and would be its client too",
                            "leave the <network> out: the server has the switch itself");
    }

    void check_consoles(const LayoutPartition& partition) {
        constexpr usize uarts = 4; // COM1 to COM4
        usize serial = 0, virtio = 0;
        for (const Console& console : partition.consoles) {
            ++(console.type == ConsoleType::serial ? serial : virtio);
            if (console.type == ConsoleType::virtio && virtio == max_virtio_consoles + 1)
                findings_.error(console.where, "console-count",
                                "a partition has " + std::to_string(max_virtio_consoles) +
                                    " virtio consoles at most",
                                "leave some out");
            if (console.type == ConsoleType::serial && serial == uarts + 1)
                findings_.error(console.where, "console-count",
                                "a PC has four serial ports at most",
                                "write type=\"virtio\" for further consoles");
            if (console.type == ConsoleType::virtio && console.server.empty())
                findings_.error(console.where, "server-unknown",
                                "nobody serves this virtio console",
                                "write server=\"…\", or type=\"serial\"");
            if (console.server == partition.name)
                findings_.error(console.where, "server-self",
                                quote(partition.name) + " would serve its own console");
        }
    }

    /// Each is a slot of the guest's one PCI bus, behind the host bridge. The clients of a server,
    /// which are slots too, are check_servers()' to count.
    void check_slots(const LayoutPartition& partition) {
        usize wanted = own_slots(partition), slots = abi::bus_slots - 1;
        if (wanted > slots)
            findings_.error(partition.where, "device-slots",
                            quote(partition.name) + " has " + std::to_string(wanted) +
                                " PCI devices, its bus has " + std::to_string(slots) + " slots");
    }

    /// Whoever has several disks and a choice of servers can live on when one fails.
    void check_single_point(const LayoutPartition& partition) {
        std::set<std::string_view> all, used;
        for (const Volume& volume : layout_.volumes)
            all.insert(volume.server);
        for (const Disk& disk : partition.disks)
            if (const Volume* volume = volumes_.find(disk.volume); volume != nullptr)
                used.insert(volume->server);
        if (all.size() > 1 && partition.disks.size() > 1 && used.size() == 1)
            findings_.warning(partition.where, "single-point-of-failure",
                              "all disks of " + quote(partition.name) + " are served by " +
                                  quote(*used.begin()) + ", though there is another server",
                              "take one from the other, and mirror them in the guest");
    }

    const Layout& layout_;
    Diagnostics& findings_;
    Index<Volume> volumes_;
    Index<Switch> switches_;
    std::map<std::string_view, const Disk*> writers_; // by volume
    std::set<std::string_view> used_;                 // names of volumes and switches
};

} // namespace

void check_served_devices(const Layout& layout, Diagnostics& findings) {
    Check(layout, findings).run();
}

} // namespace cloison
