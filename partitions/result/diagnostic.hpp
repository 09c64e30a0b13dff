// SPDX-License-Identifier: Apache-2.0
// What `cloison check` has to say about the files that people write: each finding with its place,
// the rule it breaks and what to do about it. Findings are collected, not thrown, so that one run
// tells everything.
#pragma once

#include "firmware/abi/types.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cloison {

/// A place in a file. Line 0 is the file as a whole, column 0 the line as a whole; columns are
/// bytes.
struct Location {
    std::string file;
    int line = 0;
    int column = 0;
};

enum class Severity { error, warning };

struct Diagnostic {
    Location where;
    Severity severity = Severity::error;
    std::string rule;    // the rule's ID: lower-case words joined by '-'
    std::string message; // one sentence without a full stop
    std::string remedy;  // what to do about it; empty where the message says it all
};

/// Findings in the order they were made.
class Diagnostics {
  public:
    /// Only so many findings are kept: a file with more is damaged rather than wrong.
    static constexpr usize kept_at_most = 200;

    void error(const Location& where, std::string_view rule, std::string message,
               std::string remedy = {});
    void warning(const Location& where, std::string_view rule, std::string message,
                 std::string remedy = {});

    [[nodiscard]] const std::vector<Diagnostic>& list() const { return list_; }
    [[nodiscard]] usize errors() const { return errors_; }
    [[nodiscard]] usize warnings() const { return warnings_; }
    /// Findings that were counted but not kept.
    [[nodiscard]] usize dropped() const { return errors_ + warnings_ - list_.size(); }

  private:
    void add(Diagnostic finding);

    std::vector<Diagnostic> list_;
    usize errors_ = 0;
    usize warnings_ = 0;
};

/// `file:line:column: error[rule]: message` and, where there is one, a `remedy:` line. Ends in a
/// newline.
std::string to_text(const Diagnostic& finding, bool colour);

} // namespace cloison
