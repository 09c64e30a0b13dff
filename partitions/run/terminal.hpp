// SPDX-License-Identifier: Apache-2.0
// The user's own terminal while a partition's console has it.
#pragma once

#include <string>
#include <string_view>
#include <termios.h>

namespace cloison::run {

/// Takes standard input and, where it is a terminal, makes it raw as long as the object lives:
/// every key goes to the guest, Ctrl-C too.
class AttachedTerminal {
  public:
    AttachedTerminal();
    ~AttachedTerminal();
    AttachedTerminal(const AttachedTerminal&) = delete;
    AttachedTerminal& operator=(const AttachedTerminal&) = delete;

    /// Where input comes from, or -1 after its end or after release().
    [[nodiscard]] int descriptor() const;
    /// What was typed. Ctrl-] ends it: what came before is returned, and attached() is false.
    std::string read();
    [[nodiscard]] bool attached() const { return attached_; }
    /// Gives the terminal back as it was.
    void release();

  private:
    static constexpr char detach_key = ']' & 0x1F;

    termios before_{};
    bool raw_ = false;
    bool attached_ = true;
    bool ended_ = false; // end of file: nothing more to read, output still goes on
};

} // namespace cloison::run
