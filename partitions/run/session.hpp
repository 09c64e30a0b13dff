// SPDX-License-Identifier: Apache-2.0
// One run, from the emulator's start to its end: moves bytes between the serial lines, the files,
// the tracker, the view and the user's terminal, and knows when to stop.
#pragma once

#include "partitions/run/child.hpp"
#include "partitions/run/console_line.hpp"
#include "partitions/run/report.hpp"
#include "partitions/run/signals.hpp"
#include "partitions/run/terminal.hpp"
#include "partitions/run/view.hpp"

#include <chrono>

namespace cloison::run {

struct SessionLimits {
    std::chrono::seconds timeout{0}; // 0: as long as it takes
    u32 console = 0;                 // channel that gets the terminal; 0: none
    bool one_guest = false; // the machine has one guest, without the firmware (LineUse::one_guest)
};

class Session {
  public:
    Session(const ChildCommand& command, std::vector<ConsoleLine> lines, Signals& signals,
            Tracker& tracker, View& view, const SessionLimits& limits);

    /// Runs to the end. The emulator is gone when it returns.
    Ending run();

  private:
    using Clock = std::chrono::steady_clock;

    bool step(Ending& ending);
    void wait_for_events();
    void receive(usize line);
    void show(u32 channel, std::string_view bytes);
    void take_input();
    bool emulator_ended(Ending& ending);
    [[nodiscard]] std::optional<Clock::time_point> next_deadline() const;
    [[nodiscard]] std::string timeout_message() const;

    std::vector<ConsoleLine> lines_;
    std::vector<bool> ready_; // as the last wait found them, parallel to lines_
    ChildProcess child_;
    Signals& signals_;
    Tracker& tracker_;
    View& view_;
    SessionLimits limits_;
    std::optional<AttachedTerminal> terminal_;
    bool input_ready_ = false; // as the last wait found it
    Clock::time_point start_ = Clock::now();
    std::optional<Clock::time_point> last_words_; // until when to listen after the end
};

} // namespace cloison::run
