// SPDX-License-Identifier: Apache-2.0
#include "partitions/diff/needs.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace cloison::diff {

namespace {

constexpr NeedRule table[] = {
    {"label", Needs::nothing, "It is a name for people and logs."},
    {"accounting", Needs::nothing, "Statistics alone read it."},
    {"workload", Needs::nothing, "Models and the I/O budget alone read it."},
    {"capacity", Needs::nothing, "The I/O budget of 'cloison check' alone reads it."},
    {"bounds", Needs::nothing,
     "The planner alone reads minimum, maximum and profiles that are not in force."},
    {"siblings", Needs::nothing,
     "The planner alone reads it; CPUs that change for it are listed by themselves."},
    {"activation", Needs::nothing,
     "It is looked at when the machine starts; what changes places for it is listed by itself."},
    {"image-path", Needs::nothing, "The same bytes are in another file."},
    {"permission", Needs::nothing, "'cloison check' alone reads who may share a volume."},
    {"warning", Needs::nothing, "It is advice of 'cloison check'."},
    {"partition-added", Needs::partitions, "It is started; nobody else takes part."},
    {"partition-removed", Needs::partitions, "It is stopped; nobody else takes part."},
    {"role", Needs::partitions, "What a partition may do is settled when it is started."},
    {"processors", Needs::partitions,
     "A guest learns of its CPUs from tables that it reads when it starts."},
    {"processors-moved", Needs::partitions,
     "A virtual CPU stays on its physical CPU from start to stop."},
    {"memory", Needs::partitions, "A guest learns of its memory when it starts."},
    {"memory-moved", Needs::partitions,
     "What is in memory would have to move; it is filled anew when the partition starts."},
    {"devices", Needs::partitions, "Devices are handed over when a partition is started."},
    {"disks", Needs::partitions, "A partition's virtual devices are made when it is started."},
    {"networks", Needs::partitions, "A partition's virtual devices are made when it is started."},
    {"consoles", Needs::partitions, "A partition's virtual devices are made when it is started."},
    {"console-channel", Needs::partitions,
     "Its console gets another channel on the machine's serial line, bound when it is started."},
    {"interrupts", Needs::partitions,
     "How interrupts reach its CPUs is settled when they are started."},
    {"boot", Needs::partitions, "Images and command line are read when the guest is booted."},
    {"failure", Needs::partitions, "The policy is taken over when the partition is started."},
    {"cache", Needs::partitions, "A CPU's class of service is set when it is started."},
    {"pool", Needs::partitions, "Those who run on the pool run on its CPUs."},
    {"volume", Needs::partitions,
     "Those who have a disk of it find out what is behind it when they start."},
    {"switch", Needs::partitions, "Those who are on it find their server when they start."},
    {"uplink", Needs::partitions, "Its server binds the switch to the device when it starts."},
    {"server-clients", Needs::partitions,
     "A server has one PCI function for each of its clients, made when it is started."},
    {"control", Needs::machine, "Who manages the machine is settled when the machine starts."},
    {"identity-map", Needs::machine,
     "Devices without an IOMMU may still write to the old addresses until the machine restarts."},
    {"platform", Needs::machine,
     "The firmware compares the machine with the platform once, when it starts."},
    {"firmware-region", Needs::machine, "The firmware cannot move while it runs."},
    {"staging", Needs::machine, "Boot images are handed over before the firmware starts."},
};

} // namespace

std::span<const NeedRule> need_rules() {
    return table;
}

const NeedRule& need_rule(std::string_view id) {
    const auto* found = std::find_if(std::begin(table), std::end(table),
                                     [&](const NeedRule& rule) { return rule.id == id; });
    if (found == std::end(table))
        throw std::logic_error("no rule of diff is called " + std::string(id));
    return *found;
}

std::string_view needs_name(Needs needs) {
    constexpr std::string_view names[] = {"nothing", "partitions", "machine"};
    return names[static_cast<int>(needs)];
}

} // namespace cloison::diff
