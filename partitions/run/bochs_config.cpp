// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/bochs_config.hpp"

#include "partitions/run/option_rom.hpp"

#include <charconv>
#include <sstream>

namespace cloison::run {

namespace {
// The emulated clock starts at the same moment in every run, so that every run takes the same
// ticks.
constexpr const char* start_of_time = "1735689600"; // 2025-01-01 00:00 UTC

// The geometry is Bochs's affair ("cylinders=0"): Linux addresses blocks.
std::string devices(const BochsMachine& machine) {
    std::ostringstream text;
    for (usize i = 0; i < machine.serials.size(); ++i)
        text << "com" << i + 1 << ": enabled=1, " << machine.serials[i] << '\n';
    if (!machine.disk.empty())
        text << "ata0-master: type=disk, mode=flat, path=" << machine.disk << ", cylinders=0\n";
    if (machine.network)
        text << "pci: enabled=1, chipset=i440fx, slot1=e1000\n"
                "e1000: enabled=1, mac=52:54:00:12:34:56, ethmod=slirp\n";
    return text.str();
}
} // namespace

std::string bochs_config(const BochsMachine& machine, const std::filesystem::path& folder) {
    const u64 memory = machine.memory / mib;
    auto file = [&](const char* name) { return "\"" + (folder / name).string() + "\""; };
    std::ostringstream text;
    text << "config_interface: textconfig\n"
            "display_library: term\n"
            "vga: extension=vbe, update_freq=1, realtime=0\n"
            "plugin_ctrl: speaker=false"
         << (machine.network ? ", e1000=true\n" : "\n")
         << "romimage: file=/usr/share/bochs/BIOS-bochs-latest\n"
            "vgaromimage: file=/usr/share/vgabios/vgabios.bin\n"
         << "memory: guest=" << memory << ", host=" << memory << '\n'
         << "cpu: model=" << machine.model << ", count=1:" << machine.cpus << ":1";
    if (machine.ips != 0)
        text << ", ips=" << machine.ips;
    text << ", reset_on_triple_fault=0\n"
         << "clock: sync=none, time0=" << start_of_time << '\n'
         << "optramimage1: file=" << file(bundle_file) << ", address=0x" << std::hex
         << machine.bundle_address << '\n'
         << "optromimage1: file=" << file(option_rom_file) << ", address=0x" << option_rom_address
         << '\n'
         << devices(machine) << "log: " << file(bochs_log_file) << '\n'
         << "logprefix: %t%e%d\n"
            "panic: action=fatal\n"
            "error: action=report\n"
            "info: action=ignore\n"
            "debug: action=ignore\n";
    return text.str();
}

u64 last_tick_in_log(std::string_view log) {
    while (log.ends_with('\n'))
        log.remove_suffix(1);
    log.remove_prefix(log.rfind('\n') + 1); // npos + 1 is 0: a log of one line
    u64 ticks = 0;
    std::from_chars(log.data(), log.data() + log.size(), ticks);
    return ticks;
}

} // namespace cloison::run
