// SPDX-License-Identifier: Apache-2.0
// One person at a console: bytes in and out of a descriptor that does not block.
#pragma once

#include "ioserver/linux/console/concentrator.hpp"
#include "ioserver/linux/event_loop.hpp"

namespace cloison::io {

class Line {
  public:
    /// Joins the concentrator. `ended` is called from the event loop when the other end is gone or
    /// the person wants to go; it may destroy the line.
    Line(EventLoop& loop, Concentrator& console, Descriptor descriptor, std::string name,
         std::function<void()> ended);
    ~Line();
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    /// The guest takes input again.
    void resume();

  private:
    void on_event();
    /// Reads and hands over what there is, until the guest takes no more.
    void read_input();
    bool hand_over();
    usize write_output(std::string_view text);
    void watch();
    void end();

    EventLoop& loop_;
    Concentrator& console_;
    Descriptor descriptor_;
    std::function<void()> ended_;
    Concentrator::Id id_;
    std::string input_;    // typed, and not taken by the guest
    bool blocked_ = false; // output waits
    bool ending_ = false;
};

} // namespace cloison::io
