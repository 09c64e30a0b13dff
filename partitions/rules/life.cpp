// SPDX-License-Identifier: Apache-2.0
#include "partitions/rules/index.hpp"
#include "partitions/rules/rules.hpp"
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

void report_partition(const LayoutPartition& partition, Diagnostics& findings) {
    if (partition.role != abi::Role::client)
        not_yet(partition.where, "control and io-server partitions are", "role=\"client\"",
                findings);
    if (partition.shares())
        not_yet(partition.processors().where, "shared processors are", "mode=\"dedicated\"",
                findings);
    if (partition.interrupts == InterruptMode::direct)
        not_yet(partition.interrupts_where, "direct interrupts are", "interrupts=\"virtual\"",
                findings);
    if (!partition.devices.empty())
        not_yet(partition.devices.front().where, "devices of the machine in partitions are",
                "CPUs and memory", findings);
    if (!partition.serials.empty())
        not_yet(partition.serials.front().where, "serial ports of the machine in partitions are",
                "<console/>", findings);
    if (!partition.disks.empty())
        not_yet(partition.disks.front().where, "served disks are", "an initrd", findings);
    if (!partition.networks.empty())
        not_yet(partition.networks.front().where, "served networks are", "a partition without",
                findings);
    for (usize i = 0; i < partition.consoles.size(); ++i) {
        const Console& console = partition.consoles[i];
        if (i > 0 || console.type != ConsoleType::serial || !console.server.empty())
            not_yet(console.where, "served and further consoles are", "one <console/>", findings);
    }
    if (partition.boot.kind != BootWord::linux_bzimage)
        not_yet(partition.boot.where, "other guests than a Linux bzImage are", "kind=\"linux\"",
                findings);
    if (partition.failure.policy != PolicyWord::stop || !partition.failure.master.empty())
        not_yet(partition.failure.where, "other failure policies and masters are",
                "policy=\"stop\"", findings);
    if (partition.security.cache_ways != 0)
        not_yet(partition.security.where, "cache allocation is", "the whole cache for everybody",
                findings);
}

} // namespace

void report_not_yet(const Layout& layout, Diagnostics& findings) {
    for (const LayoutPartition& partition : layout.partitions)
        report_partition(partition, findings);
}

} // namespace cloison
