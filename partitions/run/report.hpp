// SPDX-License-Identifier: Apache-2.0
// The verdict on a run: did every guest, from inside, find what the layout gives it; and the table
// that says so.
#pragma once

#include "partitions/run/tracker.hpp"

#include <span>
#include <string>
#include <vector>

namespace cloison::run {

/// How a run ended, beside what the tracker saw.
struct Ending {
    std::string failure; // why it was cut short: a timeout, the emulator's end; empty: it was not
    std::optional<int> signal; // the signal that cut it short
    u64 ticks = 0;             // emulated instructions (or TSC cycles) from power-on to the end
    double seconds = 0;        // the same on the clock on the wall
};

/// One machine's run, over.
struct RunRecord {
    FirmwareState firmware;
    std::vector<PartitionState> partitions;
    Ending ending;
};

/// What is wrong, one sentence each, the cause first. Empty: the run is a success.
std::vector<std::string> complaints(const RunRecord& run);

/// How far a partition got, in words: "kernel running", "powered off"…
std::string state_of(const PartitionState& partition);

/// Ticks from the firmware's entry to the partition's init.
std::optional<u64> ticks_to_init(const FirmwareState& firmware, const PartitionState& partition);

/// The final table of all runs, a line with the totals, and the complaints.
std::string to_table(std::span<const RunRecord> runs);

/// The same as one JSON object.
std::string to_json(std::span<const RunRecord> runs);

/// 1234567 as "1,234,567".
std::string grouped(u64 value);

} // namespace cloison::run
