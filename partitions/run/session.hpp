// SPDX-License-Identifier: Apache-2.0
// One run, from the emulator's start to its end: moves bytes between the serial line, the files,
// the tracker, the view and the user's terminal, and knows when to stop.
#pragma once

#include "firmware/abi/console.hpp"
#include "partitions/run/child.hpp"
#include "partitions/run/consoles.hpp"
#include "partitions/run/report.hpp"
#include "partitions/run/serial_line.hpp"
#include "partitions/run/signals.hpp"
#include "partitions/run/terminal.hpp"
#include "partitions/run/view.hpp"

#include <chrono>

namespace cloison::run {

struct SessionLimits {
    std::chrono::seconds timeout{0}; // 0: as long as it takes
    u32 console = 0;                 // channel that gets the terminal; 0: none
    LineUse use = LineUse::multiplexed;
};

class Session {
  public:
    Session(const ChildCommand& command, SerialLine line, Signals& signals, Consoles& consoles,
            Tracker& tracker, View& view, const SessionLimits& limits);

    /// Runs to the end. The emulator is gone when it returns.
    Ending run();

  private:
    using Clock = std::chrono::steady_clock;

    bool step(Ending& ending);
    void wait_for_events();
    bool receive();
    void show(u32 channel, std::string_view bytes);
    void take_input();
    void send_input();
    bool emulator_ended(Ending& ending);
    [[nodiscard]] std::optional<Clock::time_point> next_deadline() const;
    [[nodiscard]] std::string timeout_message() const;

    SerialLine line_;
    ChildProcess child_;
    Signals& signals_;
    Consoles& consoles_;
    Tracker& tracker_;
    View& view_;
    SessionLimits limits_;
    std::optional<AttachedTerminal> terminal_;
    abi::ConsoleMux mux_;
    std::string to_send_;
    bool line_closed_ = false;
    bool line_ready_ = false, input_ready_ = false; // as the last wait found them
    Clock::time_point start_ = Clock::now();
    std::optional<Clock::time_point> last_words_; // until when to listen after the end
};

} // namespace cloison::run
