// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/tracker.hpp"

#include <algorithm>

namespace cloison::run {

namespace {

constexpr const char* firmware_name = "firmware";
// kernel/panic.c, the words since Linux 2.4.
constexpr std::string_view panic_words = "Kernel panic - not syncing";
constexpr std::string_view banner_words = "Linux version ";
constexpr std::string_view power_off_words = "reboot: Power down"; // kernel/reboot.c

std::string text_of(const Event& event) {
    std::string text;
    for (const auto& [key, value] : event.fields)
        text.append(text.empty() ? "" : " ").append(key).append("=").append(value);
    return text;
}

void advance(PartitionState& partition, Stage stage) {
    partition.stage = std::max(partition.stage, stage);
}

} // namespace

Tracker::Tracker(std::vector<Expectation> partitions, Observer observer)
    : console_lines_(partitions.size()),
      observer_(std::move(observer)) {
    for (Expectation& expected : partitions)
        partitions_.emplace_back().expected = std::move(expected);
}

void Tracker::feed_log(std::string_view bytes) {
    log_lines_.feed(bytes, [&](std::string_view line) { log_line(line); });
}

void Tracker::feed_console(u32 channel, std::string_view bytes) {
    for (usize i = 0; i < partitions_.size(); ++i) {
        PartitionState& partition = partitions_[i];
        if (partition.expected.channel != channel || channel == 0)
            continue;
        if (partition.stage < Stage::kernel && !bytes.empty())
            advance(partition, Stage::kernel);
        console_lines_[i].feed(bytes,
                               [&](std::string_view line) { console_line(partition, line); });
    }
}

void Tracker::log_line(std::string_view line) {
    if (auto event = parse_event(line)) {
        if (auto tsc = event->number("tsc"))
            last_tsc_ = std::max(last_tsc_, *tsc);
        if (event->name == "refuse")
            firmware_.refusal = line.substr(1);
        if (event->name == "panic")
            firmware_.panic = line.substr(1);
        log_event(*event);
    }
}

void Tracker::log_event(const Event& event) {
    if (event.name == "entry") {
        firmware_.entry_tsc = event.number("tsc");
        notice(firmware_name, "entered, version " + std::string(event.text("version")),
               firmware_.entry_tsc);
    } else if (event.name == "clock") {
        firmware_.tsc_hz = event.number("tsc-hz");
    } else if (event.name == "memory") {
        firmware_.memory_used = event.number("used");
    } else if (event.name == "missing") {
        firmware_.missing.emplace_back(event.text("feature"));
        notice(firmware_name, "this machine lacks " + firmware_.missing.back());
    } else if (event.name == "refuse") {
        notice(firmware_name, "refuses the manifest: " + std::string(event.text("rule")));
    } else if (event.name == "panic") {
        notice(firmware_name, firmware_.panic);
    } else if (event.name == "halt") {
        firmware_.halted = true;
        notice(firmware_name, "halted");
    } else {
        partition_event(event);
    }
}

void Tracker::partition_event(const Event& event) {
    auto partition = std::ranges::find_if(partitions_, [&](const PartitionState& p) {
        return p.expected.name == event.text("name");
    });
    if (partition == partitions_.end())
        return;
    if (event.name == "started") {
        if (partition->stage == Stage::stopped)
            begin_anew(*partition);
        partition->started_tsc = event.number("tsc");
        advance(*partition, Stage::started);
        notice(partition->expected.name, "powered on", partition->started_tsc);
    } else if (event.name == "stopped") {
        partition->stopped_tsc = event.number("tsc");
        partition->exits = event.number("exits");
        partition->stop_reason = event.text("reason");
        advance(*partition, Stage::stopped);
        notice(partition->expected.name,
               partition->stop_reason == "power-off" ? "powered off"
                                                     : "stopped: " + partition->stop_reason,
               partition->stopped_tsc);
    }
}

void Tracker::console_line(PartitionState& partition, std::string_view line) {
    if (auto event = parse_event(line)) {
        guest_event(partition, *event);
    } else if (line.find(panic_words) != std::string_view::npos && partition.panic.empty()) {
        partition.panic = line.substr(line.find(panic_words));
        notice(partition.expected.name, partition.panic);
    } else if (line.find(power_off_words) != std::string_view::npos) {
        partition.powering_off = true;
    } else if (auto banner = line.find(banner_words); banner != std::string_view::npos) {
        std::string_view version = line.substr(banner + banner_words.size());
        notice(partition.expected.name,
               "kernel " + std::string(version.substr(0, version.find(' '))));
    }
}

void Tracker::guest_event(PartitionState& partition, const Event& event) {
    if (event.name == "guest init") {
        partition.init_tsc = event.number("tsc");
        last_tsc_ = std::max(last_tsc_, partition.init_tsc.value_or(0));
        advance(partition, Stage::init);
        notice(partition.expected.name, "init", partition.init_tsc);
    } else if (event.name == "guest report") {
        partition.report =
            GuestReport{event.number("cpus").value_or(0), event.number("memory").value_or(0),
                        std::string(event.text("kernel")), std::string(event.text("cmdline"))};
        advance(partition, Stage::reported);
        notice(partition.expected.name,
               "reports " + std::to_string(partition.report->cpus) + " CPUs, " +
                   std::to_string(partition.report->memory / kib) + " KiB");
        return;
    }
    std::string text = text_of(event);
    bool failed = std::ranges::any_of(event.fields,
                                      [](const auto& field) { return field.second == "failed"; });
    if (failed)
        partition.failures.push_back(text);
    else if (event.name == "guest served")
        partition.checks.push_back(text);
    if (failed || event.name == "guest served" || event.name == "guest ioserver")
        notice(partition.expected.name, text);
}

void Tracker::power_off(usize index) {
    PartitionState& partition = partitions_.at(index);
    partition.stop_reason = "power-off";
    advance(partition, Stage::stopped);
    notice(partition.expected.name, "powered off");
}

void Tracker::begin_anew(PartitionState& partition) {
    PartitionState next;
    next.expected = std::move(partition.expected);
    next.restarts = partition.restarts + 1;
    next.exits = partition.exits;
    partition = std::move(next);
}

namespace {

/// It has stopped, and the firmware leaves it so.
bool has_ended(const PartitionState& p) {
    bool for_good = p.stop_reason == "power-off" || p.stop_reason == "load-failure";
    return p.stage == Stage::stopped && (for_good || !p.expected.started_anew);
}

} // namespace

bool Tracker::finished() const {
    if (firmware_.halted || !firmware_.panic.empty())
        return true;
    bool all_serve =
        std::ranges::all_of(partitions_, [](const PartitionState& p) { return p.expected.server; });
    return std::ranges::all_of(partitions_, [&](const PartitionState& p) {
        bool goes_on = p.expected.server && !all_serve;
        return goes_on || has_ended(p) || (!p.panic.empty() && !p.expected.started_anew);
    });
}

void Tracker::notice(std::string who, std::string what, std::optional<u64> tsc) {
    if (observer_)
        observer_({std::move(who), std::move(what), tsc});
}

} // namespace cloison::run
