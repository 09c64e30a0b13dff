// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/json.hpp"
#include "partitions/command/show.hpp"
#include "partitions/command/show_bus.hpp"
#include "partitions/layout/words.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison::command {

namespace {

template <typename E, usize N>
std::string word(const std::string_view (&words)[N], E value) {
    return json::string(words[static_cast<usize>(value)]);
}

template <typename T, typename F>
std::string array(const std::vector<T>& things, F&& to_json) {
    std::vector<std::string> list(things.size());
    std::transform(things.begin(), things.end(), list.begin(), to_json);
    return json::array(list);
}

std::string ids(const std::vector<u32>& apic_ids) {
    return array(apic_ids, [](u32 id) { return json::number(id); });
}

std::string block_json(const PlannedMemory& block) {
    return json::object({{"guest", json::number(block.guest)},
                         {"host", json::number(block.host)},
                         {"size", json::number(block.size)}});
}

std::string processors_json(const ProcessorsWanted& wanted) {
    json::Members members{{"mode", word(words::processor_modes, wanted.mode)},
                          {"minimum", json::number(wanted.minimum)},
                          {"desired", json::number(wanted.desired)},
                          {"maximum", json::number(wanted.maximum)}};
    if (wanted.mode == ProcessorMode::shared)
        members.insert(members.end(), {{"pool", json::string(wanted.pool)},
                                       {"entitlement-hundredths", json::number(wanted.entitlement)},
                                       {"sharing", word(words::sharings, wanted.sharing)},
                                       {"weight", json::number(wanted.weight)}});
    return json::object(members);
}

std::string memory_json(const MemoryWanted& wanted) {
    return json::object({{"minimum", json::number(wanted.minimum)},
                         {"desired", json::number(wanted.desired)},
                         {"maximum", json::number(wanted.maximum)},
                         {"page-size", json::number(wanted.page_size)}});
}

std::string disk_json(const Disk& disk) {
    return json::object({{"volume", json::string(disk.volume)},
                         {"serial", json::string(disk.serial.empty() ? disk.volume : disk.serial)},
                         {"read-only", json::boolean(disk.read_only)}});
}

std::string networks_json(const LayoutPartition& partition, const PlannedPartition& planned) {
    std::vector<std::string> list;
    for (usize i = 0; i < partition.networks.size(); ++i) {
        const Network& network = partition.networks[i];
        list.push_back(json::object({{"switch", json::string(network.switch_name)},
                                     {"mac", json::string(xml::format_mac(planned.macs[i]))},
                                     {"vlan", json::number(network.vlan)},
                                     {"trunk", json::boolean(network.trunk)}}));
    }
    return json::array(list);
}

std::string console_json(const Console& console) {
    return json::object({{"type", word(words::console_types, console.type)},
                         {"server", json::string(console.server)}});
}

std::string failure_json(const Failure& failure) {
    return json::object({{"policy", word(words::policies, failure.policy)},
                         {"limit", json::number(failure.limit)},
                         {"back-off-microseconds", json::number(failure.back_off)},
                         {"master", json::string(failure.master)}});
}

std::string image(u32 number) {
    return number == abi::no_image ? "null" : json::number(number);
}

std::string bus_entry_json(const BusEntry& entry) {
    return json::object({{"slot", entry.slot ? json::number(*entry.slot) : "null"},
                         {"function", json::string(entry.function)},
                         {"pin", entry.pin ? json::number(*entry.pin) : "null"},
                         {"places", array(entry.places, [](const BusPlace& place) {
                              return json::object({{"name", json::string(place.name)},
                                                   {"base", json::number(place.extent.base)},
                                                   {"size", json::number(place.extent.size)}});
                          })}});
}

std::string partition_json(const CompiledLayout& compiled, u32 index) {
    const LayoutPartition& partition = compiled.layout.partitions[index];
    const PlannedPartition& planned = compiled.plan.partitions[index];
    return json::object({{"name", json::string(partition.name)},
                         {"role", word(words::roles, partition.role)},
                         {"apic-ids", ids(planned.apic_ids)},
                         {"memory", json::number(planned.memory_size())},
                         {"blocks", array(planned.memory, block_json)},
                         {"console", json::number(planned.console)},
                         {"kernel", image(planned.kernel)},
                         {"initrd", image(planned.initrd)},
                         {"command-line", json::string(partition.boot.command_line)},
                         {"boot", word(words::boot_kinds, partition.boot.kind)},
                         {"activation", json::number(partition.activation)},
                         {"interrupts", word(words::interrupt_modes, partition.interrupts)},
                         {"profile", json::string(partition.profile().name)},
                         {"processors-wanted", processors_json(partition.processors())},
                         {"memory-wanted", memory_json(partition.memory())},
                         {"identity-mapped", json::boolean(planned.identity_mapped)},
                         {"devices", array(partition.devices,
                                           [](const OwnedDevice& device) {
                                               return json::string(xml::format_pci(device.address));
                                           })},
                         {"serial-ports", array(partition.serials,
                                                [](const OwnedSerial& serial) {
                                                    return json::number(serial.port);
                                                })},
                         {"disks", array(partition.disks, disk_json)},
                         {"networks", networks_json(partition, planned)},
                         {"consoles", array(partition.consoles, console_json)},
                         {"bus", array(bus_of(compiled, index), bus_entry_json)},
                         {"failure", failure_json(partition.failure)},
                         {"siblings", word(words::siblings, partition.security.siblings)},
                         {"cache-mask", json::number(planned.cache_mask)},
                         {"accounting", json::string(partition.accounting)}});
}

std::string pools_json(const CompiledLayout& compiled) {
    std::vector<std::string> list;
    for (usize i = 0; i < compiled.layout.pools.size(); ++i)
        list.push_back(json::object({{"name", json::string(compiled.layout.pools[i].name)},
                                     {"apic-ids", ids(compiled.plan.pools[i])}}));
    return json::array(list);
}

std::string volume_json(const Volume& volume) {
    return json::object({{"name", json::string(volume.name)},
                         {"server", json::string(volume.server)},
                         {"size", json::number(volume.size)},
                         {"backing", json::string(volume.backing)},
                         {"shareable", json::boolean(volume.shareable)}});
}

std::string switch_json(const Switch& one) {
    return json::object(
        {{"name", json::string(one.name)},
         {"server", json::string(one.server)},
         {"uplink", one.uplink ? json::string(xml::format_pci(*one.uplink)) : "null"}});
}

std::string image_json(const ImageFile& file) {
    return json::object({{"path", json::string(file.path.string())},
                         {"size", json::number(file.size)},
                         {"crc32c", json::number(file.crc32c)}});
}

} // namespace

std::string plan_json(const CompiledLayout& compiled) {
    std::vector<std::string> partitions;
    for (u32 i = 0; i < compiled.layout.partitions.size(); ++i)
        partitions.push_back(partition_json(compiled, i));
    json::Members budget;
    for (const BudgetLine& line : budget_lines(compiled.plan.budget))
        budget.emplace_back(line.name, json::number(line.bytes));
    budget.emplace_back("ram", json::number(compiled.plan.budget.ram));
    budget.emplace_back("firmware-uses", json::number(compiled.plan.budget.firmware_used));
    return json::object({{"layout", json::string(compiled.layout.name)},
                         {"platform", json::string(compiled.platform.name)},
                         {"partitions", json::array(partitions)},
                         {"pools", pools_json(compiled)},
                         {"volumes", array(compiled.layout.volumes, volume_json)},
                         {"switches", array(compiled.layout.switches, switch_json)},
                         {"images", array(compiled.plan.images, image_json)},
                         {"budget", json::object(budget)}});
}

} // namespace cloison::command
