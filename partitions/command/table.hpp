// SPDX-License-Identifier: Apache-2.0
// Text in columns for a terminal of 80 characters.
#pragma once

#include "firmware/abi/types.hpp"

#include <string>
#include <vector>

namespace cloison::command {

inline constexpr usize page_width = 80;

/// Rows of equally many cells, the first row being the headings. Columns are as wide as their
/// widest cell, two spaces apart; a last cell that would pass the page's width is wrapped at
/// spaces.
class Table {
  public:
    explicit Table(std::vector<std::string> headings) : rows_{std::move(headings)} {}

    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] std::string text() const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

/// `text` in lines of at most `width`, broken at spaces; a word that is longer stays whole.
std::vector<std::string> wrap(const std::string& text, usize width);

/// Numbers in ascending order as people list them: "0-3 8".
std::string list_ranges(std::vector<u32> numbers);

} // namespace cloison::command
