// SPDX-License-Identifier: Apache-2.0
// The configuration that makes Bochs the machine of a platform.
#pragma once

#include "firmware/abi/types.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace cloison::run {

struct BochsMachine {
    std::string model; // Bochs's name of the CPU model
    u32 cpus = 1;      // all in one package, no SMT
    u64 memory = 0;    // bytes, a multiple of 1 MiB
    u64 ips = 0;       // instructions per emulated second; 0: Bochs's default
    u32 bundle_address = 0;
    std::vector<std::string> serials; // values of com1, com2…: without "enabled"
    std::filesystem::path disk;       // image of the first disk; empty: none
    bool network = false;             // an e1000 on slirp, Bochs's network without privileges
};

/// File names in the run folder.
inline constexpr const char* bundle_file = "bundle";
inline constexpr const char* option_rom_file = "option-rom.bin";
inline constexpr const char* bochs_config_file = "bochsrc";
inline constexpr const char* bochs_commands_file = "bochs-commands";
inline constexpr const char* bochs_log_file = "bochs.log";

/// The text of bochsrc; the files it names are in `folder`.
std::string bochs_config(const BochsMachine& machine, const std::filesystem::path& folder);

/// What the debugger that is compiled into Bochs is to do: run, and leave when the machine is off.
inline constexpr const char* bochs_commands = "c\nquit\n";

/// The emulated instructions that passed until Bochs wrote the last line of the log; 0 if unknown.
u64 last_tick_in_log(std::string_view log);

} // namespace cloison::run
