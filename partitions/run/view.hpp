// SPDX-License-Identifier: Apache-2.0
// What a person sees while a run goes on: a line for each event, or on a terminal a line for each
// partition, redrawn in place; or everything that all consoles say.
#pragma once

#include "partitions/run/consoles.hpp"
#include "partitions/run/tracker.hpp"

#include <ostream>
#include <span>

namespace cloison::run {

enum class ViewMode {
    quiet,  // nothing: a console has the terminal
    events, // a line for each event
    redraw, // a line for the firmware and each partition
    full,   // events, and all text of all consoles, each line behind its partition's name
};

class View {
  public:
    /// `served` are consoles beside those of the partitions, for ViewMode::full; `columns` is the
    /// width of the terminal, for ViewMode::redraw.
    View(std::ostream& out, ViewMode mode, std::span<const Expectation> partitions,
         std::span<const ConsoleName> served = {}, usize columns = 80);

    void show(const Notice& notice);
    void show_text(u32 channel, std::string_view bytes);
    /// From now on in another mode; used when a console gives the terminal back.
    void set_mode(ViewMode mode) { mode_ = mode; }

  private:
    struct Row {
        std::string name;
        u32 channel = 0;
        std::string text;  // ViewMode::redraw: what the row shows now
        LineSplitter said; // ViewMode::full
    };

    void redraw(const Notice& notice);
    [[nodiscard]] std::string line_of(const Notice& notice) const;

    std::ostream& out_;
    ViewMode mode_;
    usize columns_;
    std::vector<Row> rows_; // the firmware's, then one for each partition
    usize width_ = 0;       // of the longest name
    bool drawn_ = false;
};

} // namespace cloison::run
