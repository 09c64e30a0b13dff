// SPDX-License-Identifier: Apache-2.0
#include "partitions/layout/read_partition.hpp"
#include "partitions/xml/values.hpp"

#include <map>

namespace cloison {

namespace {

using xml::Reader;

Boot read_boot(const Reader& reader) {
    Boot boot;
    boot.where = reader.where();
    boot.kernel_where = reader.where("kernel");
    boot.initrd_where = reader.where("initrd");
    boot.command_line_where = reader.where("command-line");
    boot.kernel_digest_where = reader.where("kernel-sha256");
    boot.initrd_digest_where = reader.where("initrd-sha256");
    boot.kind = reader.keyword<BootWord>("kind");
    boot.kernel = reader.text("kernel");
    boot.initrd = reader.text("initrd");
    boot.kernel_sha256 = reader.text("kernel-sha256");
    boot.initrd_sha256 = reader.text("initrd-sha256");
    boot.command_line = reader.text("command-line");
    if (boot.initrd.empty() && !boot.initrd_sha256.empty())
        reader.findings().error(boot.initrd_digest_where, "digest-form",
                                "a digest of an initrd, and no initrd");
    return boot;
}

Failure read_failure(const Reader& reader) {
    Failure failure;
    failure.where = reader.where();
    failure.master_where = reader.where("master");
    failure.policy = reader.keyword<PolicyWord>("policy");
    failure.limit = static_cast<u32>(reader.number_or("limit", failure.limit));
    failure.back_off = reader.number_or("back-off", failure.back_off);
    failure.master = reader.text("master");
    bool again = failure.policy == PolicyWord::reset || failure.policy == PolicyWord::restart;
    for (const char* attribute : {"limit", "back-off"})
        if (reader.has(attribute) && !again)
            reader.findings().error(reader.where(attribute), "failure-policy",
                                    std::string(attribute) +
                                        " belongs to policy=\"reset\" and policy=\"restart\"",
                                    "leave it out, or change the policy");
    return failure;
}

Disk read_disk(const Reader& reader) {
    constexpr usize longest = 20; // VIRTIO_BLK_ID_BYTES (virtio 1.2, 5.2.6.1)
    Disk disk{reader.where(), reader.text("volume"), reader.text("serial"),
              reader.number("read-only") == 1};
    if (disk.serial.size() > longest)
        reader.findings().error(reader.where("serial"), "serial-length",
                                "a disk's serial number has " + std::to_string(longest) +
                                    " bytes at most");
    return disk;
}

Network read_network(const Reader& reader) {
    Network network;
    network.where = reader.where();
    network.switch_name = reader.text("switch");
    constexpr u64 none = ~u64{0};
    if (u64 mac = reader.number_or("mac", none); mac != none)
        network.mac = mac;
    network.vlan = static_cast<u32>(reader.number("vlan"));
    network.trunk = reader.number("trunk") == 1;
    if (network.trunk && reader.has("vlan"))
        reader.findings().error(reader.where("vlan"), "vlan-trunk",
                                "a trunk carries every VLAN, this one is for VLAN " +
                                    std::to_string(network.vlan),
                                "leave out trunk or vlan");
    return network;
}

/// Profiles have names of their own, and one of them is the default.
void check_profiles(const Reader& reader, LayoutPartition& partition) {
    std::map<std::string_view, int> lines;
    std::optional<usize> chosen;
    for (usize i = 0; i < partition.profiles.size(); ++i) {
        const Profile& profile = partition.profiles[i];
        auto [first, fresh] = lines.emplace(profile.name, profile.where.line);
        if (!fresh)
            reader.findings().error(profile.where, "profile-name",
                                    "a second profile called " + xml::quote(profile.name) +
                                        ", the first is in line " + std::to_string(first->second));
        if (profile.is_default && chosen)
            reader.findings().error(profile.where, "profile-default", "a second default profile",
                                    "keep default=\"yes\" once");
        if (profile.is_default && !chosen)
            chosen = i;
    }
    if (!chosen && partition.profiles.size() > 1)
        reader.findings().error(partition.where, "profile-default",
                                xml::quote(partition.name) +
                                    " has several profiles, and none is the default",
                                "write default=\"yes\" in one of them");
    partition.active = chosen.value_or(0);
}

void read_profiles(const Reader& reader, LayoutPartition& partition) {
    for (const Reader& element : reader.children("profile")) {
        Profile profile = read_profile(element);
        profile.name = element.text("name");
        profile.is_default = element.number("default") == 1;
        partition.profiles.push_back(std::move(profile));
    }
    auto own = {reader.child("processors"), reader.child("memory")};
    if (partition.profiles.empty()) {
        partition.profiles.push_back(read_profile(reader));
        for (const char* name : {"processors", "memory"})
            if (!reader.child(name))
                reader.findings().error(partition.where, "element-missing",
                                        std::string("<partition> lacks the element <") + name + ">",
                                        "or put both into a <profile>");
        return;
    }
    for (const auto& element : own)
        if (element)
            reader.findings().error(element->where(), "profile-ambiguous",
                                    "the partition has profiles, and CPUs or memory beside them",
                                    "move it into a <profile>");
    check_profiles(reader, partition);
}

/// Those that serve come before those that are served.
u32 usual_activation(abi::Role role) {
    constexpr u32 control = 0, server = 50, client = 100;
    return role == abi::Role::control ? control : role == abi::Role::io_server ? server : client;
}

} // namespace

LayoutPartition read_partition(const Reader& reader) {
    LayoutPartition partition;
    partition.where = reader.where();
    partition.name = reader.text("name");
    partition.role = reader.keyword<abi::Role>("role");
    partition.interrupts_where = reader.where("interrupts");
    partition.interrupts = reader.keyword<InterruptMode>("interrupts");
    partition.activation =
        static_cast<u32>(reader.number_or("activation", usual_activation(partition.role)));
    read_profiles(reader, partition);
    for (const Reader& device : reader.children("device"))
        partition.devices.push_back({device.where(), static_cast<u32>(device.number("address"))});
    for (const Reader& serial : reader.children("serial"))
        partition.serials.push_back({serial.where(), static_cast<u32>(serial.number("port"))});
    for (const Reader& disk : reader.children("disk"))
        partition.disks.push_back(read_disk(disk));
    for (const Reader& network : reader.children("network"))
        partition.networks.push_back(read_network(network));
    for (const Reader& console : reader.children("console"))
        partition.consoles.push_back(
            {console.where(), console.keyword<ConsoleType>("type"), console.text("server")});
    if (auto boot = reader.child("boot"))
        partition.boot = read_boot(*boot);
    if (auto failure = reader.child("failure"))
        partition.failure = read_failure(*failure);
    if (auto security = reader.child("security"))
        partition.security = {security->where(), security->keyword<Siblings>("siblings"),
                              static_cast<u32>(security->number("cache-ways"))};
    if (auto accounting = reader.child("accounting"))
        partition.accounting = accounting->text("group");
    if (auto workload = reader.child("workload"))
        partition.workload = read_workload(*workload);
    return partition;
}

Workload read_workload(const Reader& reader) {
    constexpr u64 always = 100, block = 4 * kib;
    Workload load;
    load.where = reader.where();
    load.utilization = static_cast<u32>(reader.number_or("utilization", always));
    if (load.utilization > always)
        reader.findings().error(reader.where("utilization"), "workload-range",
                                "a virtual CPU computes more than all the time",
                                "write a number from 0 to 1");
    for (const Reader& exits : reader.children("exits"))
        load.exits.push_back({exits.where(), exits.text("reason"), exits.number("rate")});
    for (const Reader& disk : reader.children("disk"))
        load.disks.push_back({disk.where(), disk.text("volume"), disk.number("reads"),
                              disk.number("writes"), disk.number_or("size", block)});
    for (const Reader& network : reader.children("network"))
        load.networks.push_back({network.where(), network.text("switch"),
                                 network.number("transmit"), network.number("receive")});
    return load;
}

} // namespace cloison
