// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/view.hpp"

#include "partitions/run/report.hpp"

#include <algorithm>

namespace cloison::run {

namespace {

// A guest's text must not steer the terminal: control characters are shown as '?', tabs stay.
std::string harmless(std::string_view text) {
    std::string shown(text);
    std::ranges::replace_if(
        shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; }, '?');
    std::ranges::replace(shown, '\x7F', '?');
    return shown;
}

} // namespace

View::View(std::ostream& out, ViewMode mode, std::span<const Expectation> partitions,
           std::span<const ConsoleName> served, usize columns)
    : out_(out),
      mode_(mode),
      columns_(columns) {
    rows_.push_back({"firmware", 0, {}, {}});
    for (const Expectation& partition : partitions)
        rows_.push_back({partition.name, partition.channel, {}, {}});
    if (mode == ViewMode::full)
        for (const ConsoleName& console : served)
            rows_.push_back({console.name, console.channel, {}, {}});
    for (const Row& row : rows_)
        width_ = std::max(width_, row.name.size());
    for (Row& row : rows_)
        row.text = line_of({row.name, "waiting", {}});
}

void View::show(const Notice& notice) {
    if (mode_ == ViewMode::quiet)
        return;
    if (mode_ == ViewMode::redraw)
        redraw(notice);
    else
        out_ << line_of(notice) << '\n';
    out_.flush();
}

void View::show_text(u32 channel, std::string_view bytes) {
    if (mode_ != ViewMode::full)
        return;
    auto row = std::ranges::find_if(rows_, [&](const Row& r) {
        return r.channel == channel && (channel != 0 || &r == &rows_[0]);
    });
    if (row == rows_.end())
        return;
    row->said.feed(bytes, [&](std::string_view line) {
        out_ << row->name << std::string(width_ - row->name.size(), ' ') << "| " << harmless(line)
             << '\n';
    });
    out_.flush();
}

void View::redraw(const Notice& notice) {
    if (drawn_)
        out_ << "\x1B[" << rows_.size() << 'A'; // cursor up to the first row
    drawn_ = true;
    for (Row& row : rows_) {
        if (row.name == notice.who)
            row.text = line_of(notice);
        // A row that the terminal wraps would be two, and the next redraw in the wrong place.
        out_ << row.text.substr(0, columns_ - 1) << "\x1B[K\n"; // erase what the last one left
    }
}

std::string View::line_of(const Notice& notice) const {
    std::string line = notice.who;
    line.append(width_ + 2 - std::min(width_, notice.who.size()), ' ');
    line += harmless(notice.what);
    if (notice.tsc)
        line += " (tick " + grouped(*notice.tsc) + ")";
    return line;
}

} // namespace cloison::run
