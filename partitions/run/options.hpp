// SPDX-License-Identifier: Apache-2.0
// The command lines of `cloison boot` and `cloison reference`.
#pragma once

#include "firmware/abi/types.hpp"

#include <filesystem>
#include <span>
#include <string>

namespace cloison::run {

enum class Emulator { bochs, qemu };

struct RunOptions {
    std::filesystem::path layout;
    Emulator emulator = Emulator::bochs;
    std::string console;        // partition or served console that gets the terminal; empty: none
    std::filesystem::path disk; // the machine's disk, kept; empty: a new one in the run folder
    u32 timeout = 0;            // seconds; 0: as long as it takes
    std::filesystem::path run_dir; // empty: a temporary folder
    bool json = false;
    bool keep = false;
    bool verbose = false;
    bool help = false;
};

/// Which of the two commands.
enum class Verb { boot, reference };

/// Reads the words behind the verb. Throws RunError for what is not understood.
RunOptions parse_run_options(Verb verb, std::span<const std::string> words);

/// What --help prints.
std::string run_help(Verb verb);

} // namespace cloison::run
