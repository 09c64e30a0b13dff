// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/table.hpp"

#include <algorithm>

namespace cloison::command {

std::vector<std::string> wrap(const std::string& text, usize width) {
    std::vector<std::string> lines;
    std::string rest = text;
    while (rest.size() > width) {
        usize at = rest.rfind(' ', width);
        if (at == std::string::npos || at == 0)
            at = rest.find(' ', width);
        if (at == std::string::npos)
            break;
        lines.push_back(rest.substr(0, at));
        rest.erase(0, at + 1);
    }
    lines.push_back(rest);
    return lines;
}

std::string Table::text() const {
    std::vector<usize> widths(rows_[0].size());
    for (const auto& row : rows_)
        for (usize i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    usize indent = 0; // of the last column
    for (usize i = 0; i + 1 < widths.size(); ++i)
        indent += widths[i] + 2;
    usize room = page_width > indent + 20 ? page_width - indent : 20;
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (usize i = 0; i + 1 < row.size(); ++i)
            line += row[i] + std::string(widths[i] + 2 - row[i].size(), ' ');
        for (const std::string& part : wrap(row.back(), room)) {
            line += part;
            line.erase(line.find_last_not_of(' ') + 1);
            out += line + "\n";
            line = std::string(indent, ' ');
        }
    }
    return out;
}

std::string list_ranges(std::vector<u32> numbers) {
    std::sort(numbers.begin(), numbers.end());
    std::string out;
    for (usize i = 0; i < numbers.size();) {
        usize last = i;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1)
            ++last;
        out += (out.empty() ? "" : " ") + std::to_string(numbers[i]);
        if (last > i)
            out += "-" + std::to_string(numbers[last]);
        i = last + 1;
    }
    return out;
}

} // namespace cloison::command
