// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/report.hpp"

namespace cloison::run {

namespace {

void judge_firmware(const FirmwareState& firmware, std::vector<std::string>& found) {
    if (!firmware.missing.empty()) {
        std::string list;
        for (const std::string& feature : firmware.missing)
            list += (list.empty() ? "" : ", ") + feature;
        found.push_back("the machine lacks CPU features that the firmware needs: " + list);
    }
    if (!firmware.refusal.empty())
        found.push_back("the firmware did not accept what it was handed: " + firmware.refusal);
    if (!firmware.panic.empty())
        found.push_back("the firmware failed: " + firmware.panic);
}

void judge_report(const PartitionState& partition, std::vector<std::string>& found) {
    const Expectation& expected = partition.expected;
    const GuestReport& report = *partition.report;
    if (report.cpus != expected.cpus)
        found.push_back(expected.name + " has " + std::to_string(expected.cpus) +
                        " CPUs, yet its guest sees " + std::to_string(report.cpus));
    if (report.memory != expected.visible)
        found.push_back(expected.name + " has " + std::to_string(expected.visible) +
                        " bytes of usable memory, yet its guest sees " +
                        std::to_string(report.memory));
    if (report.command_line != expected.command_line)
        found.push_back(expected.name + " has the command line \"" + expected.command_line +
                        "\", yet its guest sees \"" + report.command_line + "\"");
}

// Of a run that was cut short, its cause tells what did not happen.
void judge_partition(const PartitionState& partition, bool cut_short,
                     std::vector<std::string>& found) {
    const std::string& name = partition.expected.name;
    if (!partition.panic.empty())
        found.push_back(name + ": " + partition.panic);
    if (partition.stage == Stage::stopped && partition.stop_reason != "power-off")
        found.push_back(name + " stopped: " + partition.stop_reason);
    if (partition.report)
        judge_report(partition, found);
    else if (partition.expected.channel != 0 && !cut_short)
        found.push_back(name + " did not report from inside; it last was: " + state_of(partition));
    for (const std::string& failure : partition.failures)
        found.emplace_back(name).append(" reports ").append(failure);
    bool may_go_on = cut_short || partition.expected.server || !partition.panic.empty();
    if (partition.stage != Stage::stopped && !may_go_on)
        found.push_back(name + " did not stop");
}

} // namespace

std::vector<std::string> complaints(const RunRecord& run) {
    std::vector<std::string> found;
    judge_firmware(run.firmware, found);
    if (!found.empty())
        return found; // it started nobody, or stopped everybody: that says all
    if (run.ending.signal)
        return {"interrupted"};
    bool cut_short = !run.ending.failure.empty();
    if (cut_short)
        found.push_back(run.ending.failure);
    for (const PartitionState& partition : run.partitions)
        judge_partition(partition, cut_short, found);
    return found;
}

std::string state_of(const PartitionState& partition) {
    if (!partition.panic.empty())
        return "panicked";
    switch (partition.stage) {
    case Stage::waiting:
        return "not started";
    case Stage::started:
        return "powered on";
    case Stage::kernel:
        return "kernel running";
    case Stage::init:
    case Stage::reported:
        return "init running";
    case Stage::stopped:
        return partition.stop_reason == "power-off" ? "powered off"
                                                    : "stopped: " + partition.stop_reason;
    }
    return "unknown";
}

std::optional<u64> ticks_to_init(const FirmwareState& firmware, const PartitionState& partition) {
    if (!firmware.entry_tsc || !partition.init_tsc || *partition.init_tsc < *firmware.entry_tsc)
        return std::nullopt;
    return *partition.init_tsc - *firmware.entry_tsc;
}

} // namespace cloison::run
