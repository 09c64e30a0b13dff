// SPDX-License-Identifier: Apache-2.0
#include "partitions/rules/index.hpp"
#include "partitions/rules/rules.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison {

namespace {

using xml::quote;

struct Load {
    u64 rate = 0; // requests a second
    u64 bits = 0; // a second
};

/// Sums of hostile numbers stay at the top instead of wrapping.
u64 add(u64 a, u64 b) {
    return a > ~u64{0} - b ? ~u64{0} : a + b;
}
u64 multiply(u64 a, u64 b) {
    return b != 0 && a > ~u64{0} / b ? ~u64{0} : a * b;
}

void check_disk_load(const LayoutPartition& partition, const DiskLoad& load,
                     std::map<std::string_view, Load>& loads, Diagnostics& findings) {
    auto is_it = [&](const Disk& disk) { return disk.volume == load.volume; };
    if (std::none_of(partition.disks.begin(), partition.disks.end(), is_it)) {
        findings.error(load.where, "workload-device",
                       quote(partition.name) + " has no disk of volume " + quote(load.volume),
                       "name the volume of one of its disks");
        return;
    }
    Load& sum = loads[load.volume];
    u64 rate = add(load.reads, load.writes);
    sum.rate = add(sum.rate, rate);
    sum.bits = add(sum.bits, multiply(rate, multiply(load.size, 8)));
}

void check_network_load(const LayoutPartition& partition, const NetworkLoad& load,
                        std::map<std::string_view, Load>& loads, Diagnostics& findings) {
    auto is_it = [&](const Network& network) { return network.switch_name == load.switch_name; };
    if (std::none_of(partition.networks.begin(), partition.networks.end(), is_it)) {
        findings.error(load.where, "workload-device",
                       quote(partition.name) + " has no network on switch " +
                           quote(load.switch_name),
                       "name the switch of one of its networks");
        return;
    }
    Load& sum = loads[load.switch_name];
    sum.bits = add(sum.bits, load.transmit); // what one receives another one sends
}

template <typename T>
void compare(const T& thing, const std::string& name, const Load& load, u64 rate,
             Diagnostics& findings) {
    if (rate != 0 && load.rate > rate)
        findings.warning(thing.where, "io-budget",
                         "the workloads ask " + std::to_string(load.rate) +
                             " requests a second of " + name + ", it takes " + std::to_string(rate),
                         "expect queues there: lower the load, or spread it");
    if (thing.bandwidth != 0 && load.bits > thing.bandwidth)
        findings.warning(thing.where, "io-budget",
                         "the workloads move " + xml::format_bandwidth(load.bits) + " through " +
                             name + ", it carries " + xml::format_bandwidth(thing.bandwidth),
                         "expect queues there: lower the load, or spread it");
}

} // namespace

void check_budget(const Layout& layout, Diagnostics& findings) {
    std::map<std::string_view, Load> disks, networks;
    for (const LayoutPartition& partition : layout.partitions) {
        if (!partition.workload)
            continue;
        for (const DiskLoad& load : partition.workload->disks)
            check_disk_load(partition, load, disks, findings);
        for (const NetworkLoad& load : partition.workload->networks)
            check_network_load(partition, load, networks, findings);
    }
    for (const Volume& volume : layout.volumes)
        compare(volume, "volume " + quote(volume.name), disks[volume.name], volume.rate, findings);
    for (const Switch& one : layout.switches)
        compare(one, "switch " + quote(one.name), networks[one.name], 0, findings);
}

} // namespace cloison
