// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/functions.hpp"
#include "firmware/abi/server_map.hpp"
#include "firmware/abi/service.hpp"
#include "ioserver/devices/block/block_config.hpp"
#include "ioserver/devices/net/net_config.hpp"
#include "partitions/rules/index.hpp"
#include "partitions/xml/values.hpp"

#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>

#include <algorithm>
#include <map>

namespace cloison {

namespace {

template <typename Config>
std::vector<u8> bytes_of(const Config& config) {
    const auto* first = reinterpret_cast<const u8*>(&config);
    return {first, first + sizeof config};
}

/// As the manifest has it; empty where a value is longer than the rules allow, who say so.
template <typename Service>
std::string text_of(const Service& service) {
    std::vector<char> room(abi::max_service_text);
    return std::string(abi::format_service(service, room).value_or(std::string_view{}));
}

io::MacAddress mac_bytes(u64 mac) {
    io::MacAddress bytes;
    for (usize i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<u8>(mac >> (8 * (bytes.size() - 1 - i)));
    return bytes;
}

bool is_virtio(const Console& console) {
    return console.type == ConsoleType::virtio;
}

class Planner {
  public:
    Planner(const Layout& layout, Plan& plan)
        : layout_(layout),
          plan_(plan),
          volumes_(layout.volumes),
          switches_(layout.switches) {
        for (u32 i = 0; i < layout.partitions.size(); ++i)
            if (abi::is_server(static_cast<u32>(layout.partitions[i].role)))
                servers_.emplace(layout.partitions[i].name, i);
    }

    void run() {
        for (usize i = 0; i < layout_.partitions.size(); ++i) {
            add_disks(i);
            add_networks(i);
            add_consoles(i);
        }
        for (const Switch& one : layout_.switches)
            add_switch(one);
        std::stable_sort(plan_.services.begin(), plan_.services.end(),
                         [](const auto& a, const auto& b) { return a.server < b.server; });
    }

  private:
    void add(usize client, const std::string& server, PlannedFunction function) {
        auto found = servers_.find(server);
        if (found == servers_.end())
            return;
        function.server = found->second;
        plan_.partitions[client].functions.push_back(std::move(function));
    }

    void add_disks(usize client) {
        const LayoutPartition& partition = layout_.partitions[client];
        for (usize n = 0; n < partition.disks.size(); ++n) {
            const Disk& disk = partition.disks[n];
            const Volume* volume = volumes_.find(disk.volume);
            if (volume == nullptr)
                continue;
            io::DiskProperties properties;
            properties.sectors = volume->size / io::sector_size;
            properties.queues = disk_queues(client);
            properties.read_only = disk.read_only;
            properties.discard = volume->backing.starts_with("file:");
            // A server may be reset, with all that its kernel has cached, and its clients go on.
            properties.write_through = true;
            std::string name = partition.name + ".disk" + std::to_string(n);
            std::string serial = disk.serial.empty() ? disk.volume : disk.serial;
            serial.resize(std::min<usize>(serial.size(), VIRTIO_BLK_ID_BYTES));
            abi::DiskService service{partition.name, name,           disk.volume, volume->backing,
                                     volume->size,   disk.read_only, serial};
            add(client, volume->server,
                {0, VIRTIO_ID_BLOCK, io::block_features(properties),
                 bytes_of(io::block_config(properties)),
                 std::vector<u16>(properties.queues, data_queue_size), text_of(service)});
        }
    }

    [[nodiscard]] u16 disk_queues(usize client) const {
        const LayoutPartition& partition = layout_.partitions[client];
        usize cpus = partition.shares() ? partition.processors().desired
                                        : plan_.partitions[client].apic_ids.size();
        return static_cast<u16>(std::clamp<usize>(cpus, 1, max_disk_queues));
    }

    void add_networks(usize client) {
        const LayoutPartition& partition = layout_.partitions[client];
        for (usize n = 0; n < partition.networks.size(); ++n) {
            const Network& network = partition.networks[n];
            const Switch* one = switches_.find(network.switch_name);
            if (one == nullptr)
                continue;
            io::MacAddress mac = mac_bytes(plan_.partitions[client].macs[n]);
            std::string name = partition.name + ".net" + std::to_string(n);
            abi::PortService service{partition.name, name,         network.switch_name, mac,
                                     network.vlan,   network.trunk};
            add(client, one->server,
                {0, VIRTIO_ID_NET, io::net_features, bytes_of(io::net_config(mac, true)),
                 std::vector<u16>(2, data_queue_size), text_of(service)});
        }
    }

    /// One function has them all as its ports.
    void add_consoles(usize client) {
        const LayoutPartition& partition = layout_.partitions[client];
        auto first = std::find_if(partition.consoles.begin(), partition.consoles.end(), is_virtio);
        if (first == partition.consoles.end())
            return;
        auto ports = static_cast<u32>(
            std::count_if(partition.consoles.begin(), partition.consoles.end(), is_virtio));
        virtio_console_config config{};
        config.max_nr_ports = ports;
        abi::ConsolesService service{partition.name, partition.name, ports};
        add(client, first->server,
            {0, VIRTIO_ID_CONSOLE,
             io::queue_features | abi::feature_bit(VIRTIO_CONSOLE_F_MULTIPORT), bytes_of(config),
             std::vector<u16>(usize{2} * (ports + 1), console_queue_size), text_of(service)});
    }

    void add_switch(const Switch& one) {
        auto server = servers_.find(one.server);
        if (server == servers_.end())
            return;
        std::string uplink = one.uplink ? xml::format_pci(*one.uplink) : "";
        u64 slot = one.uplink ? slot_of(server->second, *one.uplink) : 0;
        plan_.services.push_back(
            {server->second, text_of(abi::SwitchService{one.name, uplink, slot})});
    }

    /// Where the server's bus has a device of the machine: server_map.hpp has them by ascending
    /// address from slot 1 on.
    [[nodiscard]] usize slot_of(u32 server, u32 address) const {
        const auto& devices = layout_.partitions[server].devices;
        auto before = [&](const OwnedDevice& device) { return device.address < address; };
        return 1 + static_cast<usize>(std::count_if(devices.begin(), devices.end(), before));
    }

    const Layout& layout_;
    Plan& plan_;
    Index<Volume> volumes_;
    Index<Switch> switches_;
    std::map<std::string_view, u32> servers_;
};

} // namespace

void plan_functions(const Layout& layout, Plan& plan, Diagnostics& findings) {
    Planner(layout, plan).run();
    usize functions = 0;
    for (const PlannedPartition& partition : plan.partitions)
        functions += partition.functions.size();
    if (functions > abi::max_functions || plan.services.size() > abi::max_services)
        findings.error(layout.where, "served-count",
                       std::to_string(functions) + " disks, networks and consoles, and " +
                           std::to_string(plan.services.size()) +
                           " switches: " + std::to_string(abi::max_functions) + " and " +
                           std::to_string(abi::max_services) + " are possible");
}

} // namespace cloison
