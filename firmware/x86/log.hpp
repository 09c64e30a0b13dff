// SPDX-License-Identifier: Apache-2.0
// The firmware's log: one line at a time, so that lines of several CPUs never mix.
//
// Lines that programs read begin with '@' and hold key=value pairs; docs/serial-line.md lists them.
#pragma once

#include "firmware/abi/types.hpp"

#include <string_view>

namespace cloison::x86 {

/// A number to be printed in hexadecimal.
struct Hex {
    u64 value;
};

/// One log line, sent when it goes out of scope. What does not fit is cut off.
class LogLine {
  public:
    LogLine() = default;
    ~LogLine();
    LogLine(const LogLine&) = delete;
    LogLine& operator=(const LogLine&) = delete;

    LogLine& operator<<(std::string_view text);
    LogLine& operator<<(const char* text) { return *this << std::string_view(text); }
    LogLine& operator<<(u64 number);
    LogLine& operator<<(u32 number) { return *this << u64{number}; }
    LogLine& operator<<(Hex number);

  private:
    static constexpr usize capacity = 200;
    usize size_ = 0;
    char text_[capacity];
};

/// Says why, and stops this CPU: only for faults of the firmware itself.
[[noreturn]] void panic(std::string_view why, u64 detail = 0);

} // namespace cloison::x86
