// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/machine.hpp"

#include "firmware/abi/modules.hpp"
#include "partitions/run/bochs_config.hpp"
#include "partitions/run/error.hpp"
#include "partitions/run/files.hpp"
#include "partitions/run/option_rom.hpp"

#include <fstream>
#include <iterator>
#include <unistd.h>

namespace cloison::run {

namespace {

// Bochs's BIOS puts the ACPI tables into the last 64 KiB of RAM below 3.5 GiB (seen in its E820
// map); the bundle's blocks are twice that.
constexpr u64 acpi_tables = 64 * kib;
constexpr u64 low_memory = 636 * kib; // the BIOS keeps the last 4 KiB below 640 KiB
constexpr u64 acpi_at_top = abi::bundle_block;

std::string in_mib(u64 bytes) {
    return std::to_string((bytes + mib - 1) / mib) + " MiB";
}

} // namespace

Extent staging_at_top(u64 memory, const FlatImage& firmware, std::span<const Module> modules) {
    u64 size = bundle_extent(firmware, modules);
    u64 floor = firmware.address + round_up(firmware.bytes.size(), mib);
    if (memory < floor + size + acpi_at_top)
        throw RunError("a machine of " + in_mib(memory) + " has no room for " + in_mib(size) +
                       " of boot images");
    return {round_down(memory - acpi_at_top - size, abi::bundle_block), size};
}

u64 bochs_usable_memory(u64 memory) {
    return low_memory + memory - 1 * mib - acpi_tables;
}

ChildCommand prepare_bochs(const std::filesystem::path& folder, const MachineSpec& machine,
                           const FlatImage& firmware, std::span<const Module> modules,
                           std::vector<u8> option_rom, const std::vector<std::string>& serials) {
    u64 address = round_up(machine.staging.base, abi::bundle_block);
    u64 extent = bundle_extent(firmware, modules);
    if (!machine.staging.contains(Extent{address, extent}) || address + extent > 4 * gib)
        throw RunError("the boot images take " + in_mib(extent) +
                       ", more than the platform's staging area of " +
                       in_mib(machine.staging.size) + " below 4 GiB holds");
    auto bundle_address = static_cast<u32>(address);
    write_file(folder / bundle_file, make_bundle(firmware, modules, bundle_address));
    write_file(folder / option_rom_file, patch_option_rom(std::move(option_rom), bundle_address));
    write_file(folder / bochs_config_file, bochs_config({.model = machine.model,
                                                         .cpus = machine.cpus,
                                                         .memory = machine.memory,
                                                         .ips = machine.ips,
                                                         .bundle_address = bundle_address,
                                                         .serials = serials,
                                                         .disk = machine.disk_image,
                                                         .network = machine.network},
                                                        folder));
    write_file(folder / bochs_commands_file, std::string_view(bochs_commands));
    return {.arguments = {"bochs", "-q", "-f", bochs_config_file, "-rc", bochs_commands_file},
            .folder = folder};
}

bool host_has_vtx(std::string_view cpuinfo) {
    usize flags = cpuinfo.find("\nflags");
    if (flags == std::string_view::npos)
        return false;
    std::string_view line = cpuinfo.substr(flags + 1);
    std::string words = std::string(line.substr(0, line.find('\n'))) + ' ';
    return words.find(" vmx ") != std::string::npos;
}

ChildCommand prepare_qemu(const std::filesystem::path& folder, const MachineSpec& machine,
                          const std::filesystem::path& iso, const SerialLine& line) {
    std::ifstream file("/proc/cpuinfo"); // its size shows as 0
    std::string cpuinfo{std::istreambuf_iterator<char>(file), {}};
    // The device node alone says nothing: it is there on hosts that emulate KVM as well.
    if (!host_has_vtx(cpuinfo))
        throw RunError("this host's CPU shows no VT-x (no vmx flag in /proc/cpuinfo), so QEMU "
                       "cannot offer it either: use --on bochs");
    if (access("/dev/kvm", R_OK | W_OK) != 0)
        throw system_error("QEMU needs /dev/kvm, which cannot be used");
    return {.arguments = {"qemu-system-x86_64", "-machine", "q35,accel=kvm", "-cpu", "host", "-smp",
                          std::to_string(machine.cpus), "-m",
                          std::to_string(machine.memory / mib) + "M", "-nodefaults", "-display",
                          "none", "-no-reboot", "-chardev", "stdio,id=com1,signal=off", "-serial",
                          "chardev:com1", "-cdrom", iso.string()},
            .folder = folder,
            .terminal = ChildTerminal::none,
            .descriptor = line.far_end()};
}

} // namespace cloison::run
