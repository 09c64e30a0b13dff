// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/server_map.hpp"
#include "partitions/rules/index.hpp"
#include "partitions/rules/rules.hpp"
#include "partitions/rules/servers_of.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>
#include <set>

namespace cloison {

namespace {

using xml::quote;

constexpr std::string_view disk_backing = "disk:";
constexpr usize longest_backing = 1024; // it goes into the manifest, for each disk of the volume

class Check {
  public:
    Check(const Layout& layout, Diagnostics& findings)
        : layout_(layout),
          findings_(findings),
          partitions_(layout.partitions),
          volumes_(layout.volumes) {}

    void run() {
        check_control();
        for (const Volume& volume : layout_.volumes) {
            check_server(volume.server, volume.server_where, "volume " + quote(volume.name));
            check_backing(volume);
        }
        for (const Switch& one : layout_.switches) {
            check_server(one.server, one.server_where, "switch " + quote(one.name));
            check_uplink(one);
        }
        for (const LayoutPartition& partition : layout_.partitions)
            for (const Console& console : partition.consoles)
                if (!console.server.empty())
                    check_server(console.server, console.where,
                                 "a console of " + quote(partition.name));
        check_cycles();
        check_fan_out();
    }

  private:
    void check_control() {
        const LayoutPartition* control = nullptr;
        for (const LayoutPartition& partition : layout_.partitions) {
            if (partition.role != abi::Role::control)
                continue;
            if (control != nullptr)
                findings_.error(partition.where, "control-twice",
                                quote(partition.name) +
                                    " is a second control partition, the "
                                    "first is " +
                                    quote(control->name),
                                "one manages the machine; others that serve are io-server");
            else
                control = &partition;
        }
    }

    void check_server(const std::string& name, const Location& where, const std::string& what) {
        const LayoutPartition* server = partitions_.find(name);
        if (server == nullptr)
            findings_.error(where, "server-unknown",
                            "there is no partition " + quote(name) + " to serve " + what,
                            "name a partition with role=\"control\" or \"io-server\"");
        else if (server->role == abi::Role::client)
            findings_.error(where, "server-role",
                            quote(name) + " is a client and cannot serve " + what,
                            "write role=\"io-server\" there, or name another");
    }

    void check_backing(const Volume& volume) {
        constexpr u64 sector = 512; // virtio 1.2, 5.2.4: the capacity counts these
        if (volume.size % sector != 0 || volume.size == 0)
            findings_.error(volume.size_where, "volume-size",
                            "a volume has whole sectors of 512 bytes, one at least");
        constexpr std::string_view kinds[] = {"file:", "device:", "nbd:", disk_backing};
        const std::string& backing = volume.backing;
        auto is_of = [&](std::string_view kind) {
            return backing.starts_with(kind) && backing.size() > kind.size();
        };
        if (!backing.empty() && std::none_of(std::begin(kinds), std::end(kinds), is_of))
            findings_.error(volume.backing_where, "volume-backing",
                            quote(backing) + " says not what is behind the volume",
                            "write file:PATH, device:PATH, nbd:URI or disk:VOLUME");
        if (backing.size() > longest_backing)
            findings_.error(volume.backing_where, "volume-backing",
                            "a backing has " + std::to_string(longest_backing) +
                                " bytes at most, this one has " + std::to_string(backing.size()),
                            "shorten the path");
        if (!backing.starts_with(disk_backing))
            return;
        std::string name = backing.substr(disk_backing.size());
        const LayoutPartition* server = partitions_.find(volume.server);
        if (server == nullptr)
            return; // has been reported
        auto has = [&](const Disk& disk) { return disk.volume == name; };
        if (std::none_of(server->disks.begin(), server->disks.end(), has))
            findings_.error(volume.backing_where, "volume-backing",
                            quote(server->name) + " has no disk of volume " + quote(name),
                            "add <disk volume=\"" + name + "\"/> to it");
    }

    void check_uplink(const Switch& one) {
        const LayoutPartition* server = partitions_.find(one.server);
        if (!one.uplink || server == nullptr)
            return;
        auto is_it = [&](const OwnedDevice& owned) { return owned.address == *one.uplink; };
        if (std::none_of(server->devices.begin(), server->devices.end(), is_it))
            findings_.error(one.uplink_where, "uplink-owner",
                            quote(server->name) + " does not own device " +
                                xml::format_pci(*one.uplink),
                            "add <device address=\"" + xml::format_pci(*one.uplink) + "\"/> to it");
    }

    /// The servers without whose disks a partition does not run.
    [[nodiscard]] std::vector<const LayoutPartition*>
    needs(const LayoutPartition& partition) const {
        std::vector<const LayoutPartition*> servers;
        for (const Disk& disk : partition.disks)
            if (const Volume* volume = volumes_.find(disk.volume); volume != nullptr)
                if (const auto* server = partitions_.find(volume->server); server != nullptr)
                    servers.push_back(server);
        return servers;
    }

    /// Finds what depends on itself, by walking from each partition; `done_` are known not to.
    void check_cycles() {
        std::set<const LayoutPartition*> done;
        for (const LayoutPartition& partition : layout_.partitions) {
            std::vector<const LayoutPartition*> path;
            walk(partition, path, done);
        }
    }

    /// Servers that wait for each other are few: the depth is that of the servers' chain.
    void walk(const LayoutPartition& partition, std::vector<const LayoutPartition*>& path,
              std::set<const LayoutPartition*>& done) {
        if (done.contains(&partition))
            return;
        auto again = std::find(path.begin(), path.end(), &partition);
        if (again != path.end()) {
            std::string chain;
            for (auto it = again; it != path.end(); ++it)
                chain += quote((*it)->name) + " needs a disk of ";
            findings_.error(partition.where, "server-cycle", chain + quote(partition.name),
                            "a server's own disks come from its devices, or from a server that "
                            "does not need it");
            return;
        }
        path.push_back(&partition);
        for (const LayoutPartition* server : needs(partition))
            walk(*server, path, done);
        path.pop_back();
        done.insert(&partition);
    }

    /// Each client is a PCI function of its server's one bus, which has the host bridge, the
    /// management function and what the server has itself too (firmware/abi/server_map.hpp).
    void check_fan_out() {
        std::map<std::string_view, usize> clients;
        ServersOf servers(layout_);
        for (const LayoutPartition& partition : layout_.partitions)
            for (std::string_view server : servers(partition))
                ++clients[server];
        for (const auto& [name, served] : clients) {
            const auto* server = partitions_.find(name);
            usize taken = server == nullptr ? 0 : 2 + own_slots(*server);
            if (taken + served > abi::bus_slots)
                findings_.error(
                    server->where, "server-fan-out",
                    quote(server->name) + " serves " + std::to_string(served) +
                        " partitions, beside its devices there are slots for " +
                        std::to_string(abi::bus_slots - std::min<usize>(taken, abi::bus_slots)) +
                        " on its PCI bus",
                    "add a second I/O server");
        }
    }

    const Layout& layout_;
    Diagnostics& findings_;
    Index<LayoutPartition> partitions_;
    Index<Volume> volumes_;
};

} // namespace

void check_servers(const Layout& layout, Diagnostics& findings) {
    Check(layout, findings).run();
}

} // namespace cloison
