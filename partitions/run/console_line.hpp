// SPDX-License-Identifier: Apache-2.0
// A serial line of the machine and the consoles that it carries.
#pragma once

#include "partitions/run/consoles.hpp"
#include "partitions/run/serial_line.hpp"

namespace cloison::run {

class ConsoleLine {
  public:
    ConsoleLine(SerialLine line, Consoles consoles)
        : line_(std::move(line)),
          consoles_(std::move(consoles)) {}

    /// To be called once the emulator has its copy of the far end.
    void close_far_end() { line_.close_far_end(); }

    /// What to poll, -1 once the far end is closed; whether for output too.
    [[nodiscard]] int descriptor() const { return closed_ ? -1 : line_.descriptor(); }
    [[nodiscard]] bool has_output() const { return !to_send_.empty() && line_.connected(); }

    /// Takes what is there, to `sink` and the files; false where nothing was.
    bool receive(const Consoles::Sink& sink);
    /// The same until nothing is left, after the emulator's end.
    void receive_rest(const Consoles::Sink& sink);

    [[nodiscard]] bool carries(u32 channel) const { return consoles_.has(channel); }
    /// Keys for the console on `channel`.
    void type(u32 channel, std::string_view keys);
    /// Sends what the line takes now.
    void send();

  private:
    SerialLine line_;
    Consoles consoles_;
    std::string to_send_;
    bool closed_ = false;
};

} // namespace cloison::run
