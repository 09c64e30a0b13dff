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

u32 channel_named(const std::string& name, std::span<const Expectation> expected) {
    if (name.empty())
        return 0;
    auto partition = std::ranges::find(expected, name, &Expectation::name);
    if (partition == expected.end())
        throw RunError("the layout has no partition " + name);
    if (partition->channel == 0)
        throw RunError("partition " + name + " has no console");
    return partition->channel;
}

SerialLine line_for(const RunOptions& options, const std::filesystem::path& folder) {
    if (options.emulator == Emulator::qemu)
        return SerialLine::pair();
    return options.console.empty() ? SerialLine::fifo(folder / "com1") : SerialLine::socket();
}

ChildCommand prepare(const RunOptions& options, const CompiledLayout& compiled,
                     const std::filesystem::path& folder, const SerialLine& line) {
    MachineSpec machine = machine_of(compiled.platform);
    std::vector<Module> modules = modules_of(compiled.manifest, compiled.plan);
    std::filesystem::path elf = share_file("firmware.elf");
    if (options.emulator == Emulator::qemu) {
        ChildCommand command = prepare_qemu(folder, machine, folder / "cloison.iso", line);
        write_iso(folder / "cloison.iso", elf, modules, folder);
        return command;
    }
    return prepare_bochs(folder, machine, flatten_elf(read_file(elf)), modules,
                         read_file(share_file("option-rom.bin")), line);
}

int boot(const RunOptions& options) {
    CompiledLayout compiled = compile_or_throw(options.layout);
    std::vector<Expectation> expected = expectations(compiled);
    u32 channel = channel_named(options.console, expected);

    Signals signals; // from here on an end from outside cleans up
    RunFolder folder(options.run_dir);
    SerialLine line = line_for(options, folder.path());
    ChildCommand command = prepare(options, compiled, folder.path(), line);
    std::cerr << "booting " << compiled.layout.name << " on " << command.arguments[0]
              << "; consoles in " << folder.path().string() << '\n';
    if (channel != 0)
        std::cerr << "this is the console of " << options.console << "; Ctrl-] leaves it\n";
    RunRecord record =
        follow({.command = std::move(command),
                .line = std::move(line),
                .folder = folder.path(),
                .expected = std::move(expected),
                .limits = {std::chrono::seconds(options.timeout), channel, LineUse::multiplexed},
                .verbose = options.verbose},
               signals);
    return conclude({&record, 1}, options, folder);
}

} // namespace

int run_boot(const std::vector<std::string>& words) {
    return run_command(Verb::boot, words, boot);
}

} // namespace cloison::run
