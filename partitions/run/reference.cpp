// SPDX-License-Identifier: Apache-2.0
// `cloison reference`: the same guests one at a time on the same machine, without the firmware.
#include "partitions/manifest/manifest.hpp"
#include "partitions/run/common.hpp"
#include "partitions/run/error.hpp"
#include "partitions/run/files.hpp"
#include "partitions/run/run.hpp"

#include <iostream>

namespace cloison::run {

namespace {

constexpr u32 guest_channel = 1;

// Bochs's CPU models state in CPUID leaf 15H the frequency of the CPU they are made after, 3.5 GHz,
// while the TSC counts emulated instructions. A kernel that believes it makes timed waits seventy
// times too long; the firmware measures, and so does not.
std::string true_frequency(u64 ips) {
    return ips == 0 ? "" : " tsc_early_khz=" + std::to_string(ips / 1000);
}

// `compiled` with nothing in it but partition `index`.
CompiledLayout only_partition(const CompiledLayout& compiled, usize index) {
    CompiledLayout one = compiled;
    one.layout.partitions = {compiled.layout.partitions[index]};
    PlannedPartition planned = compiled.plan.partitions[index];
    one.plan.images.clear();
    auto take = [&](u32& image) {
        if (image == abi::no_image)
            return;
        one.plan.images.push_back(compiled.plan.images[image]);
        image = static_cast<u32>(one.plan.images.size() - 1);
    };
    take(planned.kernel);
    take(planned.initrd);
    one.plan.partitions = {planned};
    one.layout.partitions[0].boot.command_line += true_frequency(one.platform.machine->ips);
    one.manifest = make_manifest(one.layout, one.platform, one.plan);
    return one;
}

// The guest has the machine's memory map here, not the partition's: what its BIOS keeps for itself
// is missing. It is to see all the rest.
Expectation expectation_of(const CompiledLayout& one, u64 visible) {
    Expectation expected = expectations(one)[0];
    expected.visible = visible;
    expected.channel = guest_channel;
    return expected;
}

RunRecord run_alone(const CompiledLayout& one, const RunOptions& options,
                    const std::filesystem::path& folder, Signals& signals) {
    Expectation expected = expectations(one)[0];
    FlatImage loader = flatten_elf(read_file(share_file("reference.elf")));
    std::vector<Module> modules = modules_of(one.manifest, one.plan);
    MachineSpec machine = machine_of(one.platform);
    Disk disk = disk_of(one.platform, folder, {});
    machine.disk_image = disk.image();
    machine.cpus = static_cast<u32>(expected.cpus);
    machine.memory = expected.memory;
    machine.staging = staging_at_top(machine.memory, loader, modules);

    SerialLine line = SerialLine::fifo(folder / "com1");
    ChildCommand command =
        prepare_bochs(folder, machine, loader, modules, read_file(share_file("option-rom.bin")),
                      {line.bochs_option()});
    expected = expectation_of(one, bochs_usable_memory(machine.memory));
    std::vector<ConsoleLine> lines;
    lines.emplace_back(std::move(line),
                       Consoles(folder, console_names({&expected, 1}), LineUse::one_guest));
    return follow({.command = std::move(command),
                   .lines = std::move(lines),
                   .folder = folder,
                   .expected = {expected},
                   .served = {},
                   .limits = {std::chrono::seconds(options.timeout), 0, true},
                   .verbose = options.verbose},
                  signals);
}

int reference(const RunOptions& options) {
    CompiledLayout compiled = compile_or_throw(options.layout);
    Signals signals;
    RunFolder folder(options.run_dir);
    std::vector<RunRecord> records;
    for (usize i = 0; i < compiled.layout.partitions.size(); ++i) {
        CompiledLayout one = only_partition(compiled, i);
        const std::string& name = one.layout.partitions[0].name;
        RunFolder own(folder.path() / name);
        std::cerr << "booting " << name << " alone; its console in " << own.path().string() << '\n';
        records.push_back(run_alone(one, options, own.path(), signals));
        if (records.back().ending.signal)
            break;
    }
    return conclude(records, options, folder);
}

} // namespace

int run_reference(const std::vector<std::string>& words) {
    return run_command(Verb::reference, words, reference);
}

} // namespace cloison::run
