// SPDX-License-Identifier: Apache-2.0
#include "partitions/picture/graph.hpp"
#include "partitions/picture/text_width.hpp"
#include "partitions/platform/words.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace cloison::picture {

namespace {

constexpr usize most = 24; // boxes in a column

class Builder {
  public:
    explicit Builder(const CompiledLayout& compiled)
        : layout_(compiled.layout),
          platform_(compiled.platform) {
        for (usize i = 0; i < layout_.partitions.size(); ++i)
            index_.emplace(layout_.partitions[i].name, i);
    }

    Graph build() {
        add_owners();
        add_devices();
        add_services();
        add_clients();
        // From right to left, so that what is put together keeps the lines of its parts.
        auto kind = [](const Node& node) { return node.kind; };
        auto kind_and_owner = [](const Node& node) {
            return (node.partition ? std::to_string(*node.partition) : "") + node.kind;
        };
        auto sources = [](const Node& node) {
            std::string all;
            for (usize from : node.from)
                all += std::to_string(from) + " ";
            return all;
        };
        auto role = [](const Node& node) { return node.remark; };
        auto everything = [](const Node&) { return std::string(); };
        gather(Graph::clients, {sources, everything});
        gather(Graph::services, {kind_and_owner, kind});
        gather(Graph::owners, {role});
        gather(Graph::devices, {kind_and_owner, kind});
        return std::move(graph_);
    }

  private:
    std::vector<Node>& column(usize which) { return graph_.column[which]; }

    void add_owner(usize partition) {
        if (owner_nodes_.contains(partition))
            return;
        owner_nodes_.emplace(partition, column(Graph::owners).size());
        const LayoutPartition& owner = layout_.partitions[partition];
        column(Graph::owners)
            .push_back({"partition",
                        owner.name,
                        std::string(words::roles[static_cast<usize>(owner.role)]),
                        partition,
                        {},
                        owner.name});
    }

    void add_owners() {
        for (usize i = 0; i < layout_.partitions.size(); ++i)
            if (!layout_.partitions[i].devices.empty() || !layout_.partitions[i].serials.empty())
                add_owner(i);
        auto serves = [&](const std::string& name) {
            if (auto found = index_.find(name); found != index_.end())
                add_owner(found->second);
        };
        for (const Volume& volume : layout_.volumes)
            serves(volume.server);
        for (const Switch& one : layout_.switches)
            serves(one.server);
        for (const LayoutPartition& partition : layout_.partitions)
            for (const Console& console : partition.consoles)
                serves(console.server);
    }

    void add_devices();
    void add_services();
    void add_clients();

    void add_device(const std::string& name, const std::string& remark,
                    std::optional<usize> owner) {
        Node node{"device", name, remark, owner, {}, name + ": " + remark};
        column(Graph::devices).push_back(node);
        if (owner)
            column(Graph::owners)[owner_nodes_.at(*owner)].from.insert(
                column(Graph::devices).size() - 1);
    }

    void add_service(const std::string& kind, const std::string& name, const std::string& remark,
                     const std::string& server) {
        usize owner = index_.at(server);
        service_nodes_.emplace(name, column(Graph::services).size());
        column(Graph::services)
            .push_back({kind, name, remark, owner, {owner_nodes_.at(owner)}, name + ": " + remark});
    }

    using Key = std::function<std::string(const Node&)>;
    /// Puts together nodes of one key where the column has too many; the first of `keys` that
    /// leaves few enough is taken, or the last.
    void gather(usize which, const std::vector<Key>& keys);

    const Layout& layout_;
    const Platform& platform_;
    Graph graph_;
    std::map<std::string, usize> index_;         // partitions by name
    std::map<usize, usize> owner_nodes_;         // by partition
    std::map<std::string, usize> service_nodes_; // by kind and name
};

void Builder::add_devices() {
    std::map<u32, usize> devices, ports;
    for (usize i = 0; i < layout_.partitions.size(); ++i) {
        for (const OwnedDevice& owned : layout_.partitions[i].devices)
            devices.emplace(owned.address, i);
        for (const OwnedSerial& owned : layout_.partitions[i].serials)
            ports.emplace(owned.port, i);
    }
    auto owner = [](const std::map<u32, usize>& owners, u32 key) {
        auto found = owners.find(key);
        return found == owners.end() ? std::nullopt : std::optional(found->second);
    };
    for (bool owned : {true, false}) {
        for (const PlatformDevice& device : platform_.devices)
            if (auto who = owner(devices, device.address); who.has_value() == owned)
                add_device(xml::format_pci(device.address),
                           std::string(words::device_classes[static_cast<usize>(device.kind)]),
                           who);
        for (const PlatformSerial& serial : platform_.serials)
            if (auto who = owner(ports, serial.port); who.has_value() == owned)
                add_device("port " + xml::format_hex(serial.port), "serial", who);
    }
}

void Builder::add_services() {
    for (const Volume& volume : layout_.volumes)
        add_service("volume", "volume " + volume.name,
                    xml::format_size(volume.size) + ", " + volume.backing, volume.server);
    for (const Switch& one : layout_.switches)
        add_service("switch", "switch " + one.name,
                    one.uplink ? "uplink " + xml::format_pci(*one.uplink) : "no uplink",
                    one.server);
    std::map<std::string, usize> consoles; // by server
    for (const LayoutPartition& partition : layout_.partitions)
        for (const Console& console : partition.consoles)
            if (!console.server.empty())
                ++consoles[console.server];
    for (const auto& [server, count] : consoles)
        add_service("console server", "consoles of " + server, plural(count, "console"), server);
}

void Builder::add_clients() {
    for (usize i = 0; i < layout_.partitions.size(); ++i) {
        const LayoutPartition& partition = layout_.partitions[i];
        Node node{"partition", partition.name, "", i, {}, partition.name};
        for (const Disk& disk : partition.disks)
            node.from.insert(service_nodes_.at("volume " + disk.volume));
        for (const Network& network : partition.networks)
            node.from.insert(service_nodes_.at("switch " + network.switch_name));
        usize served = 0;
        for (const Console& console : partition.consoles) {
            if (console.server.empty())
                continue;
            node.from.insert(service_nodes_.at("consoles of " + console.server));
            ++served;
        }
        for (auto [count, noun] :
             {std::pair(partition.disks.size(), "disk"),
              std::pair(partition.networks.size(), "network"), std::pair(served, "console")})
            if (count != 0)
                node.remark += (node.remark.empty() ? "" : ", ") + plural(count, noun);
        if (!node.from.empty())
            column(Graph::clients).push_back(std::move(node));
    }
}

void Builder::gather(usize which, const std::vector<Key>& keys) {
    std::vector<Node>& nodes = column(which);
    if (nodes.size() <= most)
        return;
    auto few = std::find_if(keys.begin(), keys.end(), [&](const Key& key) {
        std::set<std::string> different;
        for (const Node& node : nodes)
            different.insert(key(node));
        return different.size() <= most;
    });
    const Key& key = few == keys.end() ? keys.back() : *few;
    std::map<std::string, usize> places;
    std::vector<Node> gathered;
    std::vector<usize> counts, becomes; // of those gathered; by node
    for (const Node& node : nodes) {
        auto [place, fresh] = places.emplace(key(node), gathered.size());
        becomes.push_back(place->second);
        if (fresh) {
            gathered.push_back(node);
            counts.push_back(1);
            continue;
        }
        Node& whole = gathered[place->second];
        whole.from.insert(node.from.begin(), node.from.end());
        whole.tip += "\n" + node.tip;
        if (whole.partition != node.partition)
            whole.partition = std::nullopt;
        ++counts[place->second];
    }
    for (usize i = 0; i < gathered.size(); ++i) {
        if (counts[i] == 1)
            continue;
        gathered[i].remark = gathered[i].name + " …";
        gathered[i].name = plural(counts[i], gathered[i].kind);
    }
    if (which + 1 < Graph::columns)
        for (Node& next : column(which + 1)) {
            std::set<usize> from;
            for (usize old : next.from)
                from.insert(becomes[old]);
            next.from = std::move(from);
        }
    nodes = std::move(gathered);
}

} // namespace

bool Graph::empty() const {
    return column[owners].empty();
}

Graph make_graph(const CompiledLayout& compiled) {
    return Builder(compiled).build();
}

} // namespace cloison::picture
