// SPDX-License-Identifier: Apache-2.0
// The firmware's log: one line at a time, so that lines of several CPUs never mix.
//
// Lines that programs read begin with '@' and hold key=value pairs; docs/serial-line.md lists them.
#pragma once

#include "firmware/x86/text_line.hpp"

namespace cloison::x86 {

/// One log line, sent when it goes out of scope.
class LogLine : public TextLine {
  public:
    LogLine() : TextLine(buffer_) {}
    ~LogLine();

  private:
    char buffer_[199];
};

/// Says why, and stops this CPU: only for faults of the firmware itself.
[[noreturn]] void panic(std::string_view why, u64 detail = 0);

} // namespace cloison::x86
