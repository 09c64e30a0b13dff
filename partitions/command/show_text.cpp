// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/show.hpp"
#include "partitions/command/show_bus.hpp"
#include "partitions/command/show_partition.hpp"
#include "partitions/command/table.hpp"
#include "partitions/layout/words.hpp"
#include "partitions/xml/values.hpp"

#include <cstdio>

namespace cloison::command {

namespace {

std::string address(u64 value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%010llx", static_cast<unsigned long long>(value));
    return text;
}

/// CPUs of its own, or its part of a pool.
std::string cpus_of(const LayoutPartition& partition, const PlannedPartition& planned) {
    const ProcessorsWanted& wanted = partition.processors();
    return partition.shares()
               ? xml::format_decimal(wanted.entitlement) + " of " + std::to_string(wanted.desired)
               : std::to_string(planned.apic_ids.size());
}

/// Where its first console is: on the machine's serial line, or with a server.
std::string console_of(const LayoutPartition& partition, const PlannedPartition& planned) {
    if (planned.console != 0)
        return "channel " + std::to_string(planned.console);
    return partition.consoles.empty() ? "none" : "served";
}

std::string partitions_table(const CompiledLayout& compiled) {
    Table table({"PARTITION", "ROLE", "CPUS", "MEMORY", "CONSOLE"});
    for (usize i = 0; i < compiled.layout.partitions.size(); ++i) {
        const LayoutPartition& partition = compiled.layout.partitions[i];
        const PlannedPartition& planned = compiled.plan.partitions[i];
        table.row({partition.name, std::string(words::roles[static_cast<usize>(partition.role)]),
                   cpus_of(partition, planned), xml::format_size(planned.memory_size()),
                   console_of(partition, planned)});
    }
    return table.text() + "\n";
}

std::string memory_table(const CompiledLayout& compiled) {
    Table table({"PARTITION", "GUEST ADDRESS", "HOST ADDRESS", "SIZE"});
    for (usize i = 0; i < compiled.layout.partitions.size(); ++i) {
        std::string name = compiled.layout.partitions[i].name;
        for (const PlannedMemory& memory : compiled.plan.partitions[i].memory) {
            table.row(
                {name, address(memory.guest), address(memory.host), xml::format_size(memory.size)});
            name.clear();
        }
    }
    return table.text() + "\n";
}

std::string gets_table(const CompiledLayout& compiled) {
    Table table({"PARTITION", "GETS", ""});
    for (usize i = 0; i < compiled.layout.partitions.size(); ++i) {
        std::string name = compiled.layout.partitions[i].name;
        for (const auto& [what, value] : gets(compiled, i)) {
            table.row({name, what, value});
            name.clear();
        }
    }
    return table.text() + "\n";
}

/// "memory 0x4000000000, 256MiB; …"
std::string places_of(const BusEntry& entry) {
    std::string text;
    for (const BusPlace& place : entry.places)
        text += (text.empty() ? "" : "; ") + std::string(place.name) + " " +
                xml::format_hex(place.extent.base) + " " + xml::format_size(place.extent.size);
    return text;
}

std::string bus_table(const CompiledLayout& compiled) {
    Table table({"PARTITION", "SLOT", "PIN", "FUNCTION AND GUEST ADDRESSES"});
    bool any = false;
    for (u32 i = 0; i < compiled.layout.partitions.size(); ++i) {
        std::string name = compiled.layout.partitions[i].name;
        for (const BusEntry& entry : bus_of(compiled, i)) {
            std::string places = places_of(entry);
            table.row({name, entry.slot ? std::to_string(*entry.slot) : "-",
                       entry.pin ? std::to_string(*entry.pin) : "-",
                       entry.function + (places.empty() ? "" : ": " + places)});
            name.clear();
            any = true;
        }
    }
    return any ? table.text() + "\n" : "";
}

std::string pools_table(const CompiledLayout& compiled) {
    const Layout& layout = compiled.layout;
    if (layout.pools.empty())
        return {};
    Table table({"POOL", "CPUS", "ENTITLED", "APIC IDS"});
    for (usize i = 0; i < layout.pools.size(); ++i) {
        u64 entitled = 0;
        for (const LayoutPartition& partition : layout.partitions)
            if (partition.shares() && partition.processors().pool == layout.pools[i].name)
                entitled += partition.processors().entitlement;
        table.row({layout.pools[i].name, std::to_string(compiled.plan.pools[i].size()),
                   xml::format_decimal(entitled), list_ranges(compiled.plan.pools[i])});
    }
    return table.text() + "\n";
}

std::string volumes_table(const Layout& layout) {
    if (layout.volumes.empty())
        return {};
    Table table({"VOLUME", "SIZE", "SERVER AND BACKING"});
    for (const Volume& volume : layout.volumes)
        table.row({volume.name, xml::format_size(volume.size),
                   volume.server + " " + volume.backing + (volume.shareable ? " shareable" : "")});
    return table.text() + "\n";
}

std::string switches_table(const Layout& layout) {
    if (layout.switches.empty())
        return {};
    Table table({"SWITCH", "UPLINK", "SERVER"});
    for (const Switch& one : layout.switches)
        table.row({one.name, one.uplink ? xml::format_pci(*one.uplink) : "none", one.server});
    return table.text() + "\n";
}

std::string budget_line(std::string_view text, u64 bytes) {
    char line[80];
    std::snprintf(line, sizeof line, "%-32.32s%20llu\n", std::string(text).c_str(),
                  static_cast<unsigned long long>(bytes));
    return line;
}

std::string budget_table(const MemoryBudget& budget) {
    char heading[80];
    std::snprintf(heading, sizeof heading, "%-32s%20s\n", "MEMORY", "BYTES");
    std::string text = heading;
    for (const BudgetLine& line : budget_lines(budget))
        text += budget_line(line.text, line.bytes);
    return text + budget_line("RAM of the platform", budget.ram) + "firmware uses " +
           std::to_string(budget.firmware_used) + " bytes of its region\n";
}

} // namespace

std::vector<BudgetLine> budget_lines(const MemoryBudget& budget) {
    return {{"given", "given to partitions", budget.given},
            {"firmware", "firmware's region", budget.firmware},
            {"staging", "staging of boot images", budget.staging},
            {"low", "below 1 MiB, for starting CPUs", budget.low},
            {"fragments", "in no whole 2 MiB page", budget.fragments},
            {"free", "free", budget.free}};
}

std::string plan_text(const CompiledLayout& compiled) {
    return "layout " + compiled.layout.name + " on platform " + compiled.platform.name + "\n\n" +
           partitions_table(compiled) + memory_table(compiled) + gets_table(compiled) +
           bus_table(compiled) + pools_table(compiled) + volumes_table(compiled.layout) +
           switches_table(compiled.layout) + budget_table(compiled.plan.budget);
}

} // namespace cloison::command
