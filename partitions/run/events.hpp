// SPDX-License-Identifier: Apache-2.0
// The lines that programs read: "@name key=value key=value…", on the firmware's log and, from the
// guests' init, on their consoles.
#pragma once

#include "firmware/abi/types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloison::run {

/// One such line.
struct Event {
    std::string name; // without the '@'; "guest init" and "guest report" for the guests' lines
    std::vector<std::pair<std::string, std::string>> fields;

    /// The value of `key`, or an empty text.
    [[nodiscard]] std::string_view text(std::string_view key) const;
    /// The same as a decimal number; none where it is missing or not one.
    [[nodiscard]] std::optional<u64> number(std::string_view key) const;
};

/// The event in `line`, which has no line end. None for lines that are for people.
/// The field `cmdline` reaches to the end of its line, blanks included.
std::optional<Event> parse_event(std::string_view line);

/// Puts the bytes of one channel together to lines, without "\n" and any "\r" at either end: UEFI
/// and GRUB leave one before the firmware's first line.
class LineSplitter {
  public:
    /// Calls `line(std::string_view)` for each line that `bytes` complete.
    template <typename F>
    void feed(std::string_view bytes, F&& line) {
        for (char c : bytes) {
            if (c != '\n') {
                bool leading = pending_.empty() && c == '\r';
                if (!leading && pending_.size() < longest) // a guest may never end its line
                    pending_.push_back(c);
                continue;
            }
            while (pending_.ends_with('\r'))
                pending_.pop_back();
            line(std::string_view(pending_));
            pending_.clear();
        }
    }

  private:
    static constexpr usize longest = 16 * kib;
    std::string pending_;
};

} // namespace cloison::run
