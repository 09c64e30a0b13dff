// SPDX-License-Identifier: Apache-2.0
// What a test guest says on COM1, line by line.
#pragma once

#include "firmware/x86/text_line.hpp"

namespace cloison::guest {

using x86::Hex;

/// One line, sent when it goes out of scope; only the boot CPU says anything.
class Line : public x86::TextLine {
  public:
    Line() : TextLine(buffer_) {}
    ~Line();

  private:
    char buffer_[2400]; // a report has the command line in it
};

} // namespace cloison::guest
