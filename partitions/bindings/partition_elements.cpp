// SPDX-License-Identifier: Apache-2.0
#include "partitions/bindings/partition_elements.hpp"
#include "partitions/layout/words.hpp"
#include "partitions/plan/digest.hpp"
#include "partitions/xml/values.hpp"

namespace cloison::bindings {

namespace {

/// The word that an enumerator was read from.
template <typename E, usize N>
std::string word(const std::string_view (&words)[N], E value) {
    return std::string(words[static_cast<usize>(value)]);
}

/// As the attribute has it where there is something to say.
std::string bandwidth_text(u64 bits) {
    return bits == 0 ? "" : xml::format_bandwidth(bits);
}

std::string rate_text(u64 events) {
    return std::to_string(events) + "/s";
}

void write_processors(ElementWriter& out, const ProcessorsWanted& wanted,
                      const PlannedPartition& planned) {
    out.open("processors");
    out.attribute("mode", word(words::processor_modes, wanted.mode));
    if (wanted.mode == ProcessorMode::shared) {
        out.attribute("pool", wanted.pool)
            .attribute("virtual-processors", wanted.desired)
            .attribute("entitlement", xml::format_decimal(wanted.entitlement))
            .attribute("sharing", word(words::sharings, wanted.sharing))
            .attribute("weight", wanted.weight);
    } else {
        if (wanted.maximum > planned.apic_ids.size())
            out.attribute("maximum", wanted.maximum);
        write_cpus(out, planned.apic_ids);
    }
    out.close();
}

void write_memory(ElementWriter& out, const MemoryWanted& wanted, const PlannedPartition& planned) {
    out.open("memory");
    out.attribute("desired", size_text(planned.memory_size()));
    if (wanted.maximum > planned.memory_size())
        out.attribute("maximum", size_text(wanted.maximum));
    if (wanted.page_size == gib && !planned.identity_mapped) // which knows pages of 2 MiB only
        out.attribute("page-size", "1GiB");
    for (const PlannedMemory& block : planned.memory) {
        out.open("at");
        out.attribute("base", xml::format_hex(block.host)).attribute("size", size_text(block.size));
        out.close();
    }
    out.close();
}

void write_resources(ElementWriter& out, const LayoutPartition& partition,
                     const PlannedPartition& planned) {
    const Profile& profile = partition.profile();
    if (!profile.name.empty()) {
        out.open("profile");
        out.attribute("name", profile.name).attribute("default", "yes");
    }
    write_processors(out, profile.processors, planned);
    write_memory(out, profile.memory, planned);
    if (!profile.name.empty())
        out.close();
}

void write_devices(ElementWriter& out, const LayoutPartition& partition,
                   const PlannedPartition& planned) {
    for (const OwnedDevice& device : partition.devices) {
        out.open("device");
        out.attribute("address", xml::format_pci(device.address));
        out.close();
    }
    for (const OwnedSerial& serial : partition.serials) {
        out.open("serial");
        out.attribute("port", xml::format_hex(serial.port));
        out.close();
    }
    for (const Disk& disk : partition.disks) {
        out.open("disk");
        out.attribute("volume", disk.volume)
            .optional("serial", disk.serial)
            .flag("read-only", disk.read_only);
        out.close();
    }
    for (usize i = 0; i < partition.networks.size(); ++i) {
        const Network& network = partition.networks[i];
        out.open("network");
        out.attribute("switch", network.switch_name)
            .attribute("mac", xml::format_mac(planned.macs[i]));
        if (network.vlan != 0)
            out.attribute("vlan", network.vlan);
        out.flag("trunk", network.trunk);
        out.close();
    }
    for (const Console& console : partition.consoles) {
        out.open("console");
        out.attribute("type", word(words::console_types, console.type))
            .optional("server", console.server);
        out.close();
    }
}

void write_boot(ElementWriter& out, const Boot& boot, const PlannedPartition& planned,
                const Plan& plan, const Folders& folders) {
    auto digest = [&](u32 image) {
        return image == abi::no_image ? "" : sha256_of(plan.images[image].path);
    };
    auto write_image = [&](const std::string& name, const std::string& path, u32 number) {
        if (path.empty())
            return;
        out.below().attribute(name.c_str(), moved(path, folders));
        if (std::string sha256 = digest(number); !sha256.empty())
            out.below().attribute((name + "-sha256").c_str(), sha256);
    };
    out.open("boot");
    out.attribute("kind", word(words::boot_kinds, boot.kind));
    write_image("kernel", boot.kernel, planned.kernel);
    write_image("initrd", boot.initrd, planned.initrd);
    if (!boot.command_line.empty())
        out.below().attribute("command-line", boot.command_line);
    out.close();
}

void write_life(ElementWriter& out, const LayoutPartition& partition) {
    const Failure& failure = partition.failure;
    out.open("failure");
    out.attribute("policy", word(words::policies, failure.policy));
    if (failure.policy == PolicyWord::reset || failure.policy == PolicyWord::restart)
        out.attribute("limit", failure.limit)
            .attribute("back-off", xml::format_duration(failure.back_off));
    out.optional("master", failure.master);
    out.close();
    const Security& security = partition.security;
    if (security.siblings == Siblings::exclusive || security.cache_ways != 0) {
        out.open("security");
        out.attribute("siblings", word(words::siblings, security.siblings));
        if (security.cache_ways != 0)
            out.attribute("cache-ways", security.cache_ways);
        out.close();
    }
    if (!partition.accounting.empty()) {
        out.open("accounting");
        out.attribute("group", partition.accounting);
        out.close();
    }
}

void write_workload(ElementWriter& out, const Workload& load) {
    out.open("workload");
    out.attribute("utilization", xml::format_decimal(load.utilization));
    for (const ExitLoad& exits : load.exits) {
        out.open("exits");
        out.attribute("reason", exits.reason).attribute("rate", rate_text(exits.rate));
        out.close();
    }
    for (const DiskLoad& disk : load.disks) {
        out.open("disk");
        out.attribute("volume", disk.volume)
            .attribute("reads", rate_text(disk.reads))
            .attribute("writes", rate_text(disk.writes))
            .attribute("size", size_text(disk.size));
        out.close();
    }
    for (const NetworkLoad& network : load.networks) {
        out.open("network");
        out.attribute("switch", network.switch_name)
            .optional("transmit", bandwidth_text(network.transmit))
            .optional("receive", bandwidth_text(network.receive));
        out.close();
    }
    out.close();
}

} // namespace

void write_cpus(ElementWriter& out, const std::vector<u32>& apic_ids) {
    for (u32 apic_id : apic_ids) {
        out.open("cpu");
        out.attribute("apic-id", apic_id);
        out.close();
    }
}

std::string size_text(u64 bytes) {
    return bytes == 0 ? "0KiB" : xml::format_size(bytes);
}

void write_partition(ElementWriter& out, const CompiledLayout& compiled, usize index,
                     const Folders& folders) {
    const LayoutPartition& partition = compiled.layout.partitions[index];
    const PlannedPartition& planned = compiled.plan.partitions[index];
    out.open("partition");
    out.attribute("name", partition.name)
        .attribute("role", word(words::roles, partition.role))
        .attribute("interrupts", word(words::interrupt_modes, partition.interrupts))
        .attribute("activation", partition.activation);
    write_resources(out, partition, planned);
    write_devices(out, partition, planned);
    write_boot(out, partition.boot, planned, compiled.plan, folders);
    write_life(out, partition);
    if (partition.workload)
        write_workload(out, *partition.workload);
    out.close();
}

} // namespace cloison::bindings
