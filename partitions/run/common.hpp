// SPDX-License-Identifier: Apache-2.0
// What `boot`, `reference` and `image` have in common: from a layout's parts to a session and its
// verdict.
#pragma once

#include "partitions/compile.hpp"
#include "partitions/run/disk.hpp"
#include "partitions/run/files.hpp"
#include "partitions/run/machine.hpp"
#include "partitions/run/options.hpp"
#include "partitions/run/report.hpp"
#include "partitions/run/session.hpp"

#include <functional>

namespace cloison::run {

/// The compiled layout; findings go to standard error. Throws RunError where there are errors.
CompiledLayout compile_or_throw(const std::filesystem::path& layout);

/// What each partition must find, in the layout's order.
std::vector<Expectation> expectations(const CompiledLayout& compiled);

/// The consoles that servers offer, in the order of their channels on the second serial line.
std::vector<ConsoleName> served_consoles(const Layout& layout);

/// The manifest and the plan's images, read.
std::vector<Module> modules_of(const std::vector<u8>& manifest, const Plan& plan);

/// The machine that the layout's platform describes. Throws RunError for a platform of metal.
MachineSpec machine_of(const Platform& platform);

/// The platform's disk; the arguments are those of Disk. Throws RunError, for one where a file is
/// given for a machine without a disk.
Disk disk_of(const Platform& platform, const std::filesystem::path& folder,
             const std::filesystem::path& kept);

/// The file `name` of the share folder. Throws RunError, saying that it is to be built, where it is
/// missing.
std::filesystem::path share_file(const char* name);

/// Everything that following a run needs.
struct RunSetup {
    ChildCommand command;
    std::vector<ConsoleLine> lines;
    std::filesystem::path folder;
    std::vector<Expectation> expected;
    std::vector<ConsoleName> served; // consoles that the view shows beside the partitions'
    SessionLimits limits;
    bool verbose = false;
};

/// Starts the emulator and follows it to its end.
RunRecord follow(RunSetup setup, Signals& signals);

/// Prints table or JSON, and where things were kept; returns the exit status.
int conclude(std::span<const RunRecord> runs, const RunOptions& options, RunFolder& folder);

/// Parses `words` and calls `body`, turning errors into messages and exit statuses.
int run_command(Verb verb, std::span<const std::string> words,
                const std::function<int(const RunOptions&)>& body);

} // namespace cloison::run
