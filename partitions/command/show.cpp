// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/exit_code.hpp"
#include "partitions/command/json.hpp"
#include "partitions/command/options.hpp"
#include "partitions/command/table.hpp"
#include "partitions/command/verbs.hpp"
#include "partitions/compile.hpp"
#include "partitions/xml/values.hpp"

#include <cstdio>
#include <iostream>

namespace cloison::command {

namespace {

constexpr VerbHelp help{
    "show", "[--json] [--for boot|model] LAYOUT",
    "Shows what each partition of LAYOUT gets on the platform that it names: its CPUs\n"
    "by APIC ID, its memory by the machine's addresses, its console and what it boots;\n"
    "and where every byte of the machine's RAM goes. Nothing is booted.\n"
    "\n"
    "A layout with errors is not shown; they are printed as by 'cloison check'.\n"
    "\n"
    "Examples:\n"
    "  cloison show configs/layouts/two-linux.xml\n"
    "  cloison show --json configs/layouts/two-linux.xml | jq .budget\n"};

std::string address(u64 value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%010llx", static_cast<unsigned long long>(value));
    return text;
}

std::string_view role_name(abi::Role role) {
    switch (role) {
    case abi::Role::client:
        return "client";
    case abi::Role::control:
        return "control";
    case abi::Role::io_server:
        return "io-server";
    }
    return "unknown";
}

void print_partitions(const CompiledLayout& compiled) {
    Table table({"PARTITION", "ROLE", "CPUS", "MEMORY", "CONSOLE"});
    for (usize i = 0; i < compiled.layout.partitions.size(); ++i) {
        const LayoutPartition& partition = compiled.layout.partitions[i];
        const PlannedPartition& planned = compiled.plan.partitions[i];
        table.row({partition.name, std::string(role_name(partition.role)),
                   std::to_string(planned.apic_ids.size()), xml::format_size(planned.memory_size()),
                   planned.console == 0 ? "none" : "channel " + std::to_string(planned.console)});
    }
    std::cout << table.text() << "\n";
}

void print_memory(const CompiledLayout& compiled) {
    Table table({"PARTITION", "GUEST ADDRESS", "HOST ADDRESS", "SIZE"});
    for (usize i = 0; i < compiled.layout.partitions.size(); ++i) {
        std::string name = compiled.layout.partitions[i].name;
        for (const PlannedMemory& memory : compiled.plan.partitions[i].memory) {
            table.row(
                {name, address(memory.guest), address(memory.host), xml::format_size(memory.size)});
            name.clear();
        }
    }
    std::cout << table.text() << "\n";
}

void print_the_rest(const CompiledLayout& compiled) {
    Table table({"PARTITION", "GETS", ""});
    for (usize i = 0; i < compiled.layout.partitions.size(); ++i) {
        const LayoutPartition& partition = compiled.layout.partitions[i];
        table.row({partition.name, "APIC IDs", list_ranges(compiled.plan.partitions[i].apic_ids)});
        table.row({"", "kernel", partition.boot.kernel});
        if (!partition.boot.initrd.empty())
            table.row({"", "initrd", partition.boot.initrd});
        if (!partition.boot.command_line.empty())
            table.row({"", "command line", partition.boot.command_line});
    }
    std::cout << table.text() << "\n";
}

struct BudgetLine {
    std::string_view name; // in JSON
    std::string_view text;
    u64 bytes;
};

std::vector<BudgetLine> budget_lines(const MemoryBudget& budget) {
    return {{"given", "given to partitions", budget.given},
            {"firmware", "firmware's region", budget.firmware},
            {"staging", "staging of boot images", budget.staging},
            {"low", "below 1 MiB, for starting CPUs", budget.low},
            {"fragments", "in no whole 2 MiB page", budget.fragments},
            {"free", "free", budget.free}};
}

void print_budget(const MemoryBudget& budget) {
    std::printf("%-32s%20s\n", "MEMORY", "BYTES");
    for (const BudgetLine& line : budget_lines(budget))
        std::printf("%-32s%20llu\n", std::string(line.text).c_str(),
                    static_cast<unsigned long long>(line.bytes));
    std::printf("%-32s%20llu\n", "RAM of the platform",
                static_cast<unsigned long long>(budget.ram));
    std::printf("firmware uses %llu bytes of its region\n",
                static_cast<unsigned long long>(budget.firmware_used));
}

std::string partition_json(const LayoutPartition& partition, const PlannedPartition& planned) {
    std::vector<std::string> cpus, memory;
    for (u32 apic_id : planned.apic_ids)
        cpus.push_back(json::number(apic_id));
    for (const PlannedMemory& block : planned.memory)
        memory.push_back(json::object({{"guest", json::number(block.guest)},
                                       {"host", json::number(block.host)},
                                       {"size", json::number(block.size)}}));
    auto image = [](u32 number) {
        return number == abi::no_image ? std::string("null") : json::number(number);
    };
    return json::object({{"name", json::string(partition.name)},
                         {"role", json::string(role_name(partition.role))},
                         {"apic-ids", json::array(cpus)},
                         {"memory", json::number(planned.memory_size())},
                         {"blocks", json::array(memory)},
                         {"console", json::number(planned.console)},
                         {"kernel", image(planned.kernel)},
                         {"initrd", image(planned.initrd)},
                         {"command-line", json::string(partition.boot.command_line)}});
}

std::string to_json(const CompiledLayout& compiled) {
    std::vector<std::string> partitions, images;
    for (usize i = 0; i < compiled.layout.partitions.size(); ++i)
        partitions.push_back(
            partition_json(compiled.layout.partitions[i], compiled.plan.partitions[i]));
    for (const ImageFile& image : compiled.plan.images)
        images.push_back(json::object({{"path", json::string(image.path.string())},
                                       {"size", json::number(image.size)},
                                       {"crc32c", json::number(image.crc32c)}}));
    json::Members budget;
    for (const BudgetLine& line : budget_lines(compiled.plan.budget))
        budget.emplace_back(line.name, json::number(line.bytes));
    budget.emplace_back("ram", json::number(compiled.plan.budget.ram));
    budget.emplace_back("firmware-uses", json::number(compiled.plan.budget.firmware_used));
    return json::object({{"layout", json::string(compiled.layout.name)},
                         {"platform", json::string(compiled.platform.name)},
                         {"partitions", json::array(partitions)},
                         {"images", json::array(images)},
                         {"budget", json::object(budget)}});
}

} // namespace

int show(const std::vector<std::string>& arguments) {
    int status = exit_ok;
    auto options = parse_options(arguments, help, status);
    if (!options)
        return status;
    Compilation compilation = compile(options->layouts.front(), options->purpose);
    print_findings(compilation.diagnostics);
    if (!compilation.ok())
        return exit_failed;
    const CompiledLayout& compiled = *compilation.value;
    if (options->json) {
        std::cout << to_json(compiled) << "\n";
        return exit_ok;
    }
    std::cout << "layout " << compiled.layout.name << " on platform " << compiled.platform.name
              << "\n\n";
    print_partitions(compiled);
    print_memory(compiled);
    print_the_rest(compiled);
    std::cout << std::flush;
    print_budget(compiled.plan.budget);
    return exit_ok;
}

} // namespace cloison::command
