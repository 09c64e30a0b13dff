// SPDX-License-Identifier: Apache-2.0
// The report as people read it and as programs do.
#include "partitions/command/json.hpp"
#include "partitions/run/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace cloison::run {

namespace {

constexpr usize columns = 7;
using Row = std::array<std::string, columns>;

std::string number_or_dash(std::optional<u64> value) {
    return value ? grouped(*value) : "-";
}

Row row_of(const FirmwareState& firmware, const PartitionState& partition) {
    const auto& report = partition.report;
    return {partition.expected.name,
            state_of(partition),
            report ? std::to_string(report->cpus) : "-",
            report ? grouped(report->memory / kib) + " KiB" : "-",
            report ? report->kernel : "-",
            number_or_dash(ticks_to_init(firmware, partition)),
            number_or_dash(partition.exits)};
}

// Numbers to the right, words to the left.
constexpr std::array<bool, columns> to_the_right{false, false, true, true, false, true, true};

std::string layout_rows(const std::vector<Row>& rows) {
    std::array<usize, columns> width{};
    for (const Row& row : rows)
        for (usize i = 0; i < columns; ++i)
            width[i] = std::max(width[i], row[i].size());
    std::string text;
    for (const Row& row : rows) {
        std::string line;
        for (usize i = 0; i < columns; ++i) {
            std::string pad(width[i] - row[i].size(), ' ');
            line += (i == 0 ? "" : "  ") + (to_the_right[i] ? pad + row[i] : row[i] + pad);
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return text;
}

std::string with_one_decimal(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

// What guests say need not be UTF-8, which JSON is.
std::string json_text(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    return json::string(text);
}

std::string json_number(std::optional<u64> value) {
    return value ? json::number(*value) : "null";
}

std::string partition_json(const FirmwareState& firmware, const PartitionState& partition) {
    json::Members members{{"name", json_text(partition.expected.name)},
                          {"state", json_text(state_of(partition))}};
    if (const auto& report = partition.report) {
        members.emplace_back("cpus", json::number(report->cpus));
        members.emplace_back("memory", json::number(report->memory));
        members.emplace_back("kernel", json_text(report->kernel));
        members.emplace_back("command-line", json_text(report->command_line));
    }
    members.emplace_back("entry-tsc", json_number(firmware.entry_tsc));
    members.emplace_back("started-tsc", json_number(partition.started_tsc));
    members.emplace_back("init-tsc", json_number(partition.init_tsc));
    members.emplace_back("stopped-tsc", json_number(partition.stopped_tsc));
    members.emplace_back("ticks-to-init", json_number(ticks_to_init(firmware, partition)));
    members.emplace_back("exits", json_number(partition.exits));
    std::vector<std::string> checks;
    for (const std::string& check : partition.checks)
        checks.push_back(json_text(check));
    members.emplace_back("checks", json::array(checks));
    return json::object(members);
}

} // namespace

std::string grouped(u64 value) {
    std::string digits = std::to_string(value);
    for (usize at = digits.size(); at > 3;)
        digits.insert(at -= 3, ",");
    return digits;
}

std::string to_table(std::span<const RunRecord> runs) {
    std::vector<Row> rows{
        {"partition", "state", "CPUs", "memory", "kernel", "ticks to init", "VM exits"}};
    std::string errors;
    Ending total;
    for (const RunRecord& run : runs) {
        for (const PartitionState& partition : run.partitions)
            rows.push_back(row_of(run.firmware, partition));
        for (const std::string& complaint : complaints(run))
            errors += "error: " + complaint + '\n';
        total.ticks += run.ending.ticks;
        total.seconds += run.ending.seconds;
    }
    return layout_rows(rows) + "total: " + grouped(total.ticks) + " ticks, " +
           with_one_decimal(total.seconds) + " s\n" + errors;
}

std::string to_json(std::span<const RunRecord> runs) {
    std::vector<std::string> errors, partitions;
    Ending total;
    for (const RunRecord& run : runs) {
        for (const std::string& complaint : complaints(run))
            errors.push_back(json_text(complaint));
        for (const PartitionState& partition : run.partitions)
            partitions.push_back(partition_json(run.firmware, partition));
        total.ticks += run.ending.ticks;
        total.seconds += run.ending.seconds;
    }
    json::Members members{{"ok", json::boolean(errors.empty())},
                          {"errors", json::array(errors)},
                          {"ticks", json::number(total.ticks)},
                          {"seconds", with_one_decimal(total.seconds)}};
    if (!runs.empty()) {
        members.emplace_back("tsc-hz", json_number(runs[0].firmware.tsc_hz));
        members.emplace_back("firmware-memory", json_number(runs[0].firmware.memory_used));
    }
    members.emplace_back("partitions", json::array(partitions));
    return json::object(members) + '\n';
}

} // namespace cloison::run
