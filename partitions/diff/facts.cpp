// SPDX-License-Identifier: Apache-2.0
#include "partitions/diff/facts.hpp"
#include "partitions/layout/words.hpp"
#include "partitions/platform/words.hpp"
#include "partitions/xml/values.hpp"

namespace cloison::diff {

namespace {

template <typename E, usize N>
std::string word(const std::string_view (&words)[N], E value) {
    return std::string(words[static_cast<usize>(value)]);
}

/// Values side by side.
template <typename T, typename F>
std::string list(const std::vector<T>& things, F&& text) {
    std::string all;
    for (const T& thing : things)
        all += (all.empty() ? "" : ", ") + text(thing);
    return all;
}

std::string range(u64 base, u64 size) {
    return xml::format_hex(base) + "+" + xml::format_size(size);
}

std::string processors(const LayoutPartition& partition, const PlannedPartition& planned) {
    const ProcessorsWanted& wanted = partition.processors();
    if (!partition.shares())
        return std::to_string(planned.apic_ids.size()) + " dedicated";
    return std::to_string(wanted.desired) + " virtual on pool " + wanted.pool + ", entitlement " +
           xml::format_decimal(wanted.entitlement) + ", " + word(words::sharings, wanted.sharing) +
           ", weight " + std::to_string(wanted.weight);
}

/// Minimum, desired and maximum.
std::string cpu_bounds(const ProcessorsWanted& wanted) {
    return std::to_string(wanted.minimum) + "/" + std::to_string(wanted.desired) + "/" +
           std::to_string(wanted.maximum);
}

std::string memory_bounds(const MemoryWanted& wanted) {
    return xml::format_size(wanted.minimum) + "/" + xml::format_size(wanted.desired) + "/" +
           xml::format_size(wanted.maximum);
}

/// Nothing where all three are what was granted: then a change of that says all.
template <typename T>
bool told_by(u64 granted, const T& wanted) {
    return wanted.minimum == granted && wanted.desired == granted && wanted.maximum == granted;
}

std::string bounds(const LayoutPartition& partition, const PlannedPartition& planned) {
    const ProcessorsWanted& cpus = partition.processors();
    const MemoryWanted& memory = partition.memory();
    bool all_cpus = partition.shares() || told_by(planned.apic_ids.size(), cpus);
    std::string text = all_cpus ? "" : cpu_bounds(cpus) + " CPUs";
    if (!told_by(planned.memory_size(), memory))
        text += (text.empty() ? "" : ", ") + memory_bounds(memory);
    return text;
}

std::string other_profiles(const LayoutPartition& partition) {
    std::vector<const Profile*> others;
    for (usize i = 0; i < partition.profiles.size(); ++i)
        if (i != partition.active)
            others.push_back(&partition.profiles[i]);
    return list(others, [](const Profile* p) {
        return p->name + " (" + word(words::processor_modes, p->processors.mode) + " " +
               p->processors.pool + " " + xml::format_decimal(p->processors.entitlement) + " " +
               cpu_bounds(p->processors) + " CPUs " + memory_bounds(p->memory) + ")";
    });
}

std::string workload(const LayoutPartition& partition) {
    if (!partition.workload)
        return {};
    const Workload& load = *partition.workload;
    auto number = [](u64 value) { return std::to_string(value); };
    return "utilization " + xml::format_decimal(load.utilization) + "; " +
           list(load.exits,
                [&](const ExitLoad& e) { return e.reason + " " + number(e.rate) + "/s"; }) +
           "; " +
           list(load.disks,
                [&](const DiskLoad& d) {
                    return d.volume + " " + number(d.reads) + "/s " + number(d.writes) + "/s " +
                           xml::format_size(d.size);
                }) +
           "; " + list(load.networks, [&](const NetworkLoad& n) {
               return n.switch_name + " " + xml::format_bandwidth(n.transmit) + " " +
                      xml::format_bandwidth(n.receive);
           });
}

std::string devices(const LayoutPartition& partition) {
    std::string pci =
        list(partition.devices, [](const OwnedDevice& d) { return xml::format_pci(d.address); });
    std::string ports = list(
        partition.serials, [](const OwnedSerial& s) { return "port " + xml::format_hex(s.port); });
    return pci + (pci.empty() || ports.empty() ? "" : ", ") + ports;
}

std::string disks(const LayoutPartition& partition) {
    return list(partition.disks, [](const Disk& d) {
        return d.volume + (d.serial.empty() || d.serial == d.volume ? "" : " serial " + d.serial) +
               (d.read_only ? " read-only" : "");
    });
}

std::string networks(const LayoutPartition& partition, const PlannedPartition& planned) {
    usize i = 0;
    return list(partition.networks, [&](const Network& n) {
        return n.switch_name + " " + xml::format_mac(planned.macs[i++]) +
               (n.vlan != 0 ? " VLAN " + std::to_string(n.vlan) : "") + (n.trunk ? " trunk" : "");
    });
}

std::string consoles(const LayoutPartition& partition) {
    return list(partition.consoles, [](const Console& c) {
        return word(words::console_types, c.type) + (c.server.empty() ? "" : " from " + c.server);
    });
}

std::string failure(const Failure& failure) {
    std::string text = word(words::policies, failure.policy);
    if (failure.policy == PolicyWord::reset || failure.policy == PolicyWord::restart)
        text += ", " + std::to_string(failure.limit) + " times, after " +
                xml::format_duration(failure.back_off);
    return text + (failure.master.empty() ? "" : ", master " + failure.master);
}

/// The bytes of an image, by what the manifest says of them.
std::string image(const Plan& plan, u32 number) {
    if (number == abi::no_image)
        return {};
    const ImageFile& file = plan.images[number];
    return std::to_string(file.size) + " bytes, CRC-32C " + xml::format_hex(file.crc32c);
}

} // namespace

std::vector<Fact> facts_of_partition(const CompiledLayout& compiled, usize index) {
    const LayoutPartition& p = compiled.layout.partitions[index];
    const PlannedPartition& planned = compiled.plan.partitions[index];
    const Plan& plan = compiled.plan;
    return {{"role", "role", word(words::roles, p.role)},
            {"label", "profile", p.profile().name},
            {"processors", "processors", processors(p, planned)},
            {"memory", "memory",
             xml::format_size(planned.memory_size()) +
                 (p.memory().page_size == gib ? " in pages of 1GiB" : "")},
            {"bounds", "bounds", bounds(p, planned)},
            {"bounds", "other profiles", other_profiles(p)},
            {"interrupts", "interrupts", word(words::interrupt_modes, p.interrupts)},
            {"devices", "devices", devices(p)},
            {"disks", "disks", disks(p)},
            {"networks", "networks", networks(p, planned)},
            {"consoles", "consoles", consoles(p)},
            {"console-channel", "console channel",
             planned.console == 0 ? "" : std::to_string(planned.console)},
            {"boot", "boot", word(words::boot_kinds, p.boot.kind)},
            {"boot", "kernel", image(plan, planned.kernel)},
            {"image-path", "path of the kernel", p.boot.kernel},
            {"boot", "initrd", image(plan, planned.initrd)},
            {"image-path", "path of the initrd", p.boot.initrd},
            {"boot", "command line", p.boot.command_line},
            {"failure", "failure policy", failure(p.failure)},
            {"cache", "cache ways",
             planned.cache_mask == 0 ? "" : "mask " + xml::format_hex(planned.cache_mask)},
            {"siblings", "siblings", word(words::siblings, p.security.siblings)},
            {"activation", "activation", std::to_string(p.activation)},
            {"accounting", "accounting", p.accounting},
            {"workload", "workload", workload(p)}};
}

std::vector<Fact> facts_of_platform(const CompiledLayout& compiled) {
    const Platform& p = compiled.platform;
    auto number = [](u64 value) { return std::to_string(value); };
    auto yes_no = [](bool value) { return std::string(words::no_yes[value ? 1 : 0]); };
    auto processor = [&](const PlatformProcessor& c) {
        return number(c.apic_id) + " (" + number(c.package) + "/" + number(c.core) + "/" +
               number(c.thread) + "/" + number(c.node) + ")";
    };
    auto ram = [&](const PlatformRange& r) {
        return range(r.extent.base, r.extent.size) + " node " + number(r.node);
    };
    auto device = [&](const PlatformDevice& d) {
        return xml::format_pci(d.address) + " " + word(words::device_classes, d.kind) + " group " +
               (d.iommu_group ? number(*d.iommu_group) : "own") + " dma " + yes_no(d.dma) + " " +
               number(d.dma_bits) + " interrupt " + (d.interrupt ? number(*d.interrupt) : "none") +
               " " + list(d.mmio, ram) + " " + list(d.ports, [](const PortRange& r) {
                   return xml::format_hex(r.base) + "+" + std::to_string(r.count);
               });
    };
    auto node = [&](const PlatformNode& n) {
        std::string text = number(n.id);
        for (const auto& [to, value] : n.distances)
            text += " " + number(to) + ":" + number(value);
        return text;
    };
    auto serial = [&](const PlatformSerial& s) {
        return xml::format_hex(s.port) + " interrupt " + number(s.interrupt);
    };
    return {
        {"label", "name", p.name},
        {"platform", "processors", list(p.processors, processor)},
        {"platform", "nodes", list(p.nodes, node)},
        {"platform", "RAM", list(p.ram, ram)},
        {"platform", "devices", list(p.devices, device)},
        {"platform", "serial ports", list(p.serials, serial)},
        {"platform", "IOMMU", yes_no(p.iommu)},
        {"platform", "pages of 1 GiB", yes_no(p.large_pages_1g)},
        {"platform", "cache",
         p.cache ? number(p.cache->ways) + " ways, " + number(p.cache->classes) + " classes" : ""},
        {"platform", "emulation",
         p.machine ? p.machine->emulator + " " + p.machine->model + " " +
                         xml::format_size(p.machine->memory) + " " + number(p.machine->ips)
                   : ""},
        {"firmware-region", "firmware's region",
         range(compiled.plan.firmware.base, compiled.plan.firmware.size)},
        {"staging", "staging", range(compiled.plan.staging.base, compiled.plan.staging.size)}};
}

std::vector<Fact> facts_of(const Volume& v) {
    return {{"volume", "server", v.server},
            {"volume", "backing", v.backing},
            {"volume", "size", xml::format_size(v.size)},
            {"permission", "shareable", v.shareable ? "yes" : "no"},
            {"capacity", "rate", v.rate == 0 ? "" : std::to_string(v.rate) + "/s"},
            {"capacity", "bandwidth", v.bandwidth == 0 ? "" : xml::format_bandwidth(v.bandwidth)}};
}

std::vector<Fact> facts_of(const Switch& s) {
    return {{"switch", "server", s.server},
            {"uplink", "uplink", s.uplink ? xml::format_pci(*s.uplink) : ""},
            {"capacity", "bandwidth", s.bandwidth == 0 ? "" : xml::format_bandwidth(s.bandwidth)}};
}

} // namespace cloison::diff
