// SPDX-License-Identifier: Apache-2.0
// `cloison boot`: the layout under the firmware.
#include "partitions/run/common.hpp"
#include "partitions/run/error.hpp"
#include "partitions/run/files.hpp"
#include "partitions/run/iso.hpp"
#include "partitions/run/run.hpp"

#include <algorithm>
#include <iostream>

namespace cloison::run {

namespace {

constexpr u32 second_line = 0x2F8; // COM2

// Consoles of servers' clients come over COM2, which a server must own for that.
std::vector<ConsoleName> consoles_outside(const Layout& layout) {
    for (const LayoutPartition& partition : layout.partitions)
        for (const OwnedSerial& serial : partition.serials)
            if (serial.port == second_line && partition.role != abi::Role::client)
                return served_consoles(layout);
    return {};
}

u32 channel_named(const std::string& name, std::span<const Expectation> expected,
                  std::span<const ConsoleName> served) {
    if (name.empty())
        return 0;
    if (auto console = std::ranges::find(served, name, &ConsoleName::name); console != served.end())
        return console->channel;
    auto partition = std::ranges::find(expected, name, &Expectation::name);
    if (partition == expected.end())
        throw RunError("the layout has no partition or served console " + name);
    if (partition->channel == 0)
        throw RunError("partition " + name + " has no console");
    return partition->channel;
}

// COM1 and, where the platform has it, COM2: each as what it carries needs.
struct Lines {
    std::vector<ConsoleLine> lines;
    std::vector<std::string> bochs_options;

    void add(SerialLine line, Consoles consoles) {
        bochs_options.push_back(line.bochs_option());
        lines.emplace_back(std::move(line), std::move(consoles));
    }
};

Lines lines_on_bochs(const Platform& platform, std::span<const Expectation> expected,
                     std::vector<ConsoleName> served, u32 attached,
                     const std::filesystem::path& folder) {
    auto line = [&](const char* name, bool both_ways) {
        return both_ways ? SerialLine::socket() : SerialLine::fifo(folder / name);
    };
    bool served_attached = attached >= served_channels;
    Lines lines;
    lines.add(line("com1", attached != 0 && !served_attached),
              {folder, console_names(expected), LineUse::multiplexed});
    if (platform.serial(second_line) != nullptr) {
        for (ConsoleName& console : served)
            console.name += ".console";
        lines.add(line("com2", served_attached), {folder, served, LineUse::served});
    }
    return lines;
}

ChildCommand prepare(const CompiledLayout& compiled, const std::filesystem::path& folder,
                     const Disk& disk, const std::vector<std::string>& serials) {
    MachineSpec machine = machine_of(compiled.platform);
    machine.disk_image = disk.image();
    return prepare_bochs(folder, machine, flatten_elf(read_file(share_file("firmware.elf"))),
                         modules_of(compiled.manifest, compiled.plan),
                         read_file(share_file("option-rom.bin")), serials);
}

// QEMU's machine is another one: CPUs and memory are the platform's, its devices are not.
ChildCommand prepare_on_qemu(const CompiledLayout& compiled, const std::filesystem::path& folder,
                             const SerialLine& line) {
    for (const LayoutPartition& partition : compiled.layout.partitions)
        if (!partition.devices.empty() || !partition.serials.empty())
            throw RunError("partition " + partition.name +
                           " owns devices, which QEMU's machine does not have: use --on bochs");
    ChildCommand command =
        prepare_qemu(folder, machine_of(compiled.platform), folder / "cloison.iso", line);
    write_iso(folder / "cloison.iso", share_file("firmware.elf"),
              modules_of(compiled.manifest, compiled.plan), folder);
    return command;
}

int boot(const RunOptions& options) {
    CompiledLayout compiled = compile_or_throw(options.layout);
    std::vector<Expectation> expected = expectations(compiled);
    std::vector<ConsoleName> served = consoles_outside(compiled.layout);
    u32 channel = channel_named(options.console, expected, served);

    Signals signals; // from here on an end from outside cleans up
    RunFolder folder(options.run_dir);
    Lines lines;
    Disk disk;
    ChildCommand command;
    if (options.emulator == Emulator::qemu) {
        SerialLine line = SerialLine::pair();
        command = prepare_on_qemu(compiled, folder.path(), line);
        lines.add(std::move(line), {folder.path(), console_names(expected), LineUse::multiplexed});
    } else {
        lines = lines_on_bochs(compiled.platform, expected, served, channel, folder.path());
        disk = disk_of(compiled.platform, folder.path(), options.disk);
        command = prepare(compiled, folder.path(), disk, lines.bochs_options);
    }
    std::cerr << "booting " << compiled.layout.name << " on " << command.arguments[0]
              << "; consoles in " << folder.path().string() << '\n';
    if (channel != 0)
        std::cerr << "this is the console of " << options.console << "; Ctrl-] leaves it\n";
    RunRecord record = follow({.command = std::move(command),
                               .lines = std::move(lines.lines),
                               .folder = folder.path(),
                               .expected = std::move(expected),
                               .served = std::move(served),
                               .limits = {std::chrono::seconds(options.timeout), channel, false},
                               .verbose = options.verbose},
                              signals);
    return conclude({&record, 1}, options, folder);
}

} // namespace

int run_boot(const std::vector<std::string>& words) {
    return run_command(Verb::boot, words, boot);
}

} // namespace cloison::run
