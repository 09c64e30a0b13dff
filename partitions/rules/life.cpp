// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/server_map.hpp"
#include "partitions/rules/index.hpp"
#include "partitions/rules/rules.hpp"
#include "partitions/rules/servers_of.hpp"
#include "partitions/xml/values.hpp"

#include <set>

namespace cloison {

using xml::quote;

void check_masters(const Layout& layout, Diagnostics& findings) {
    Index<LayoutPartition> partitions(layout.partitions);
    for (const LayoutPartition& partition : layout.partitions) {
        std::set<const LayoutPartition*> seen{&partition};
        const LayoutPartition* at = &partition;
        while (!at->failure.master.empty()) {
            const LayoutPartition* master = partitions.find(at->failure.master);
            if (master == nullptr) {
                if (at == &partition)
                    findings.error(partition.failure.master_where, "master-unknown",
                                   "there is no partition " + quote(partition.failure.master),
                                   "name the partition that this one stops with");
                break;
            }
            if (master == &partition)
                findings.error(partition.failure.master_where, "master-cycle",
                               quote(partition.name) + " would stop with itself",
                               "leave out one of the masters");
            if (!seen.insert(master).second)
                break;
            at = master;
        }
    }
}

void advise(const Layout& layout, Diagnostics& findings) {
    Index<LayoutPartition> partitions(layout.partitions);
    Index<Volume> volumes(layout.volumes);
    for (const LayoutPartition& partition : layout.partitions) {
        bool serial = partition.boot.command_line.find("console=ttyS") != std::string::npos;
        if (serial && partition.consoles.empty())
            findings.warning(partition.boot.command_line_where, "console-missing",
                             "the kernel is told to use a serial console, the partition has none",
                             "add <console/> to the partition");
        for (const Disk& disk : partition.disks) {
            const Volume* volume = volumes.find(disk.volume);
            const auto* server = volume != nullptr ? partitions.find(volume->server) : nullptr;
            if (server != nullptr && server->activation > partition.activation)
                findings.warning(disk.where, "activation-order",
                                 quote(partition.name) + " starts before " + quote(server->name) +
                                     ", which serves its disk",
                                 "it will wait; give the server a lower activation");
        }
    }
}

namespace {

void not_yet(const Location& where, const std::string& what, const char* today,
             Diagnostics& findings) {
    findings.error(where, "not-yet", what + " not there yet in the firmware",
                   std::string("what works today is ") + today +
                       "; 'cloison check --for model' judges the layout without the firmware");
}

void report_devices(const LayoutPartition& partition, Diagnostics& findings) {
    if (abi::is_server(static_cast<u32>(partition.role)))
        return;
    if (!partition.devices.empty())
        not_yet(partition.devices.front().where, "devices of the machine in clients are",
                "to give them to a control or io-server partition", findings);
    if (!partition.serials.empty())
        not_yet(partition.serials.front().where, "serial ports of the machine in clients are",
                "<console/>", findings);
}

void report_consoles(const LayoutPartition& partition, Diagnostics& findings) {
    usize serial = 0;
    for (const Console& console : partition.consoles) {
        if (console.type == ConsoleType::virtio)
            continue;
        if (serial++ > 0 || !console.server.empty())
            not_yet(console.where, "served and further serial consoles are",
                    "one <console/>, and consoles of type=\"virtio\"", findings);
    }
}

void report_partition(const LayoutPartition& partition, const ServersOf& servers,
                      Diagnostics& findings) {
    if (partition.shares())
        not_yet(partition.processors().where, "shared processors are", "mode=\"dedicated\"",
                findings);
    if (partition.interrupts == InterruptMode::direct)
        not_yet(partition.interrupts_where, "direct interrupts are", "interrupts=\"virtual\"",
                findings);
    report_devices(partition, findings);
    if (servers(partition).size() > 1)
        not_yet(partition.where, "two servers of one partition are",
                "one server for all its disks, networks and consoles", findings);
    report_consoles(partition, findings);
    if (partition.boot.kind != BootWord::linux_bzimage)
        not_yet(partition.boot.where, "other guests than Linux are", "kind=\"linux\"", findings);
    const Failure& failure = partition.failure;
    bool known = failure.policy == PolicyWord::stop || failure.policy == PolicyWord::reset;
    if (!known || !failure.master.empty())
        not_yet(failure.where, "other failure policies and masters are",
                "policy=\"stop\" and policy=\"reset\"", findings);
    if (partition.security.cache_ways != 0)
        not_yet(partition.security.where, "cache allocation is", "the whole cache for everybody",
                findings);
}

void report_volume(const Volume& volume, Diagnostics& findings) {
    if (volume.backing.starts_with("disk:"))
        not_yet(volume.backing_where, "volumes on a disk of the server are",
                "device: with the disk's name in the server", findings);
}

} // namespace

void report_not_yet(const Layout& layout, Diagnostics& findings) {
    ServersOf servers(layout);
    for (const LayoutPartition& partition : layout.partitions)
        report_partition(partition, servers, findings);
    for (const Volume& volume : layout.volumes)
        report_volume(volume, findings);
}

void report_not_yet(const Layout& layout, const Platform& platform, Diagnostics& findings) {
    if (!platform.iommu)
        return;
    for (const LayoutPartition& partition : layout.partitions)
        for (const OwnedDevice& owned : partition.devices)
            if (const PlatformDevice* device = platform.device(owned.address);
                device != nullptr && device->dma)
                not_yet(owned.where, "devices that the platform's IOMMU confines are",
                        "a platform without <iommu/>, where the control partition has the devices",
                        findings);
}

} // namespace cloison
