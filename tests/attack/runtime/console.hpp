// SPDX-License-Identifier: Apache-2.0
// What a test guest says on COM1, line by line.
#pragma once

#include "firmware/abi/types.hpp"

#include <string_view>

namespace cloison::guest {

/// A number to be printed in hexadecimal.
struct Hex {
    u64 value;
};

/// One line, sent when it goes out of scope; only the boot CPU says anything. What does not fit is
/// cut off.
class Line {
  public:
    Line() = default;
    ~Line();
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    Line& operator<<(std::string_view text);
    Line& operator<<(const char* text) { return *this << std::string_view(text); }
    Line& operator<<(u64 number);
    Line& operator<<(u32 number) { return *this << u64{number}; }
    Line& operator<<(Hex number);

  private:
    static constexpr usize capacity = 2400; // a report has the command line in it
    usize size_ = 0;
    char text_[capacity];
};

} // namespace cloison::guest
