// SPDX-License-Identifier: Apache-2.0
// Follows a run by what comes over the serial line: how far the firmware and each partition got,
// what the guests report, what failed. It knows nothing of emulators, files or terminals.
#pragma once

#include "partitions/run/events.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cloison::run {

/// What the layout gives a partition: what its guest must find, and where it speaks.
struct Expectation {
    std::string name;
    u64 cpus = 0;
    u64 memory = 0;  // bytes of the partition
    u64 visible = 0; // bytes that the guest must find usable
    std::string command_line;
    u32 channel = 0; // of its console; 0: it has none, and nothing is expected of it but to stop
    bool server = false;       // it serves the others, and does not stop by itself
    bool started_anew = false; // by the firmware, whenever it stops without having powered off
};

/// How far a partition got. Each stage follows the one before it.
enum class Stage { waiting, started, kernel, init, reported, stopped };

/// The guest's own report, from inside.
struct GuestReport {
    u64 cpus = 0;
    u64 memory = 0; // bytes
    std::string kernel;
    std::string command_line;
};

struct PartitionState {
    Expectation expected;
    Stage stage = Stage::waiting;
    std::optional<u64> started_tsc, init_tsc, stopped_tsc;
    std::optional<u64> exits;
    std::string stop_reason; // with Stage::stopped: power-off, reset, …
    u32 restarts = 0;        // how often it was started anew; all else is of its last life
    std::optional<GuestReport> report;
    std::string panic;                 // the line in which the guest's kernel said so
    std::vector<std::string> checks;   // what its init tried with success: "disk=ok bytes=…"
    std::vector<std::string> failures; // and without
    bool powering_off = false;         // the guest's kernel said that this is the last it does
};

struct FirmwareState {
    std::optional<u64> entry_tsc;
    std::optional<u64> tsc_hz;
    std::optional<u64> memory_used;
    std::vector<std::string> missing; // CPU features
    std::string refusal;              // the line with the rule, without its '@'
    std::string panic;                // the firmware's own end, the same way
    bool halted = false;
};

/// Something a person wants to see: who (a partition's name, or "firmware"), what, and the ticks at
/// which it was, where they are known.
struct Notice {
    std::string who;
    std::string what;
    std::optional<u64> tsc;
};

class Tracker {
  public:
    using Observer = std::function<void(const Notice&)>;

    explicit Tracker(std::vector<Expectation> partitions, Observer observer = {});

    /// Bytes of the firmware's log, in order.
    void feed_log(std::string_view bytes);
    /// Bytes of the console on `channel`, in order. Channels of no partition are ignored.
    void feed_console(u32 channel, std::string_view bytes);
    /// The machine was switched off by the guest in partition `index`, which has it to itself.
    void power_off(usize index);

    [[nodiscard]] const FirmwareState& firmware() const { return firmware_; }
    [[nodiscard]] const std::vector<PartitionState>& partitions() const { return partitions_; }

    /// Nothing more will come: the firmware halted or failed, or every partition has stopped or
    /// panicked, servers excepted where there are others.
    [[nodiscard]] bool finished() const;
    /// The latest TSC seen anywhere.
    [[nodiscard]] u64 last_tsc() const { return last_tsc_; }

  private:
    void log_line(std::string_view line);
    void log_event(const Event& event);
    static void begin_anew(PartitionState& partition);
    void partition_event(const Event& event);
    void console_line(PartitionState& partition, std::string_view line);
    void guest_event(PartitionState& partition, const Event& event);
    void notice(std::string who, std::string what, std::optional<u64> tsc = {});

    FirmwareState firmware_;
    std::vector<PartitionState> partitions_;
    LineSplitter log_lines_;
    std::vector<LineSplitter> console_lines_; // parallel to partitions_
    Observer observer_;
    u64 last_tsc_ = 0;
};

} // namespace cloison::run
