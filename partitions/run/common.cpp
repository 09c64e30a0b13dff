// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/common.hpp"

#include "firmware/abi/memory_map.hpp"
#include "partitions/run/bochs_config.hpp"
#include "partitions/run/error.hpp"
#include "partitions/run/files.hpp"
#include "partitions/share/share.hpp"

#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cloison::run {

namespace fs = std::filesystem;

namespace {

ViewMode view_mode(const RunSetup& setup) {
    if (setup.limits.console != 0)
        return ViewMode::quiet;
    if (setup.verbose)
        return ViewMode::full;
    return isatty(STDERR_FILENO) != 0 ? ViewMode::redraw : ViewMode::events;
}

usize terminal_columns() {
    winsize size{};
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col : 80;
}

// What the firmware's memory map for the partition calls RAM.
u64 usable_memory(const PlannedPartition& planned) {
    std::vector<abi::MemoryBlock> blocks;
    for (const PlannedMemory& memory : planned.memory)
        blocks.push_back({0, 0, memory.guest, memory.host, memory.size});
    auto map = abi::partition_memory_map(blocks, planned.identity_mapped);
    u64 sum = 0;
    for (const abi::MemoryMapEntry& entry : map->entries()) // the plan has been judged
        if (entry.type == E820_RAM)
            sum += entry.extent.size;
    return sum;
}

} // namespace

CompiledLayout compile_or_throw(const fs::path& layout) {
    Compilation compilation = compile(layout);
    bool colour = isatty(STDERR_FILENO) != 0;
    for (const Diagnostic& finding : compilation.diagnostics.list())
        std::cerr << to_text(finding, colour);
    if (!compilation.ok())
        throw RunError(layout.string() + " cannot be booted");
    return std::move(*compilation.value);
}

std::vector<Expectation> expectations(const CompiledLayout& compiled) {
    std::vector<Expectation> list;
    for (usize i = 0; i < compiled.layout.partitions.size(); ++i) {
        const LayoutPartition& wanted = compiled.layout.partitions[i];
        const PlannedPartition& planned = compiled.plan.partitions[i];
        u64 memory = 0;
        for (const PlannedMemory& block : planned.memory)
            memory += block.size;
        list.push_back({.name = wanted.name,
                        .cpus = planned.apic_ids.size(),
                        .memory = memory,
                        .visible = usable_memory(planned),
                        .command_line = wanted.boot.command_line,
                        .channel = planned.console,
                        .server = wanted.role != abi::Role::client,
                        .started_anew = wanted.failure.policy == PolicyWord::reset});
    }
    return list;
}

// As the planner orders functions: by client, and all consoles of a client are ports of one.
std::vector<ConsoleName> served_consoles(const Layout& layout) {
    std::vector<ConsoleName> names;
    u32 channel = served_channels;
    for (const LayoutPartition& partition : layout.partitions) {
        u32 port = 0;
        for (const Console& console : partition.consoles)
            if (!console.server.empty())
                names.push_back({++channel, partition.name + '.' + std::to_string(port++)});
    }
    return names;
}

std::vector<Module> modules_of(const std::vector<u8>& manifest, const Plan& plan) {
    std::vector<fs::path> paths;
    for (const ImageFile& image : plan.images)
        paths.push_back(image.path);
    return make_modules(manifest, paths);
}

MachineSpec machine_of(const Platform& platform) {
    if (!platform.machine)
        throw RunError("platform " + platform.name +
                       " is not an emulated machine: it has no <machine>");
    return {.model = platform.machine->model,
            .cpus = static_cast<u32>(platform.processors.size()),
            .memory = platform.machine->memory,
            .ips = platform.machine->ips,
            .staging = platform.staging.extent,
            .disk_image = {},
            .network = platform.machine->network == MachineNetwork::user};
}

Disk disk_of(const Platform& platform, const fs::path& folder, const fs::path& kept) {
    u64 size = platform.machine ? platform.machine->disk : 0;
    if (size == 0 && !kept.empty())
        throw RunError("platform " + platform.name + " has no disk");
    return size == 0 ? Disk() : Disk(folder, size, kept);
}

fs::path share_file(const char* name) {
    fs::path path = share_folder() / name;
    std::error_code error;
    if (!fs::exists(path, error))
        throw RunError("there is no " + path.string() +
                       ": build the firmware, or set CLOISON_SHARE to where it is");
    return path;
}

RunRecord follow(RunSetup setup, Signals& signals) {
    View view(std::cerr, view_mode(setup), setup.expected, setup.served, terminal_columns());
    Tracker tracker(setup.expected, [&](const Notice& notice) { view.show(notice); });
    RunRecord record;
    {
        Session session(setup.command, std::move(setup.lines), signals, tracker, view,
                        setup.limits);
        record.ending = session.run();
    }
    record.firmware = tracker.firmware();
    record.partitions = tracker.partitions();
    // Where Bochs came to its own end, its log knows the ticks better than the last TSC we saw.
    std::error_code error;
    if (fs::exists(setup.folder / bochs_log_file, error)) {
        std::vector<u8> log = read_file(setup.folder / bochs_log_file);
        record.ending.ticks =
            std::max(record.ending.ticks,
                     last_tick_in_log({reinterpret_cast<const char*>(log.data()), log.size()}));
    }
    return record;
}

int conclude(std::span<const RunRecord> runs, const RunOptions& options, RunFolder& folder) {
    bool success = true;
    std::optional<int> signal;
    for (const RunRecord& run : runs) {
        success = success && complaints(run).empty();
        if (run.ending.signal)
            signal = run.ending.signal;
    }
    if (options.keep || (!success && !signal))
        folder.keep();
    std::cout << (options.json ? to_json(runs) : to_table(runs)) << std::flush;
    if (folder.kept())
        std::cerr << "kept: " << folder.path().string() << '\n';
    if (signal)
        return 128 + *signal;
    return success ? 0 : 1;
}

int run_command(Verb verb, std::span<const std::string> words,
                const std::function<int(const RunOptions&)>& body) {
    RunOptions options;
    try {
        options = parse_run_options(verb, words);
    } catch (const RunError& error) {
        std::cerr << "cloison: " << error.what() << "; --help explains\n";
        return 2;
    }
    if (options.help) {
        std::cout << run_help(verb);
        return 0;
    }
    try {
        return body(options);
    } catch (const RunError& error) {
        std::cerr << "cloison: " << error.what() << '\n';
        return 1;
    }
}

} // namespace cloison::run
