// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/diff_text.hpp"
#include "partitions/command/table.hpp"

#include <algorithm>

namespace cloison::command {

using diff::Change;
using diff::Needs;

namespace {

std::string plural(usize count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// What a change takes, behind it in brackets.
std::string consequence(const Change& change) {
    constexpr usize named = 3;
    if (change.needs() == Needs::machine)
        return "restart of the machine";
    if (change.needs() == Needs::nothing)
        return "nothing";
    if (change.rule->id == "partition-added" || change.rule->id == "partition-removed")
        return std::string(change.from.empty() ? "start" : "stop") + " of " +
               change.partitions.front();
    if (change.partitions.size() > named)
        return "restart of " + plural(change.partitions.size(), "partition");
    std::string names;
    for (const std::string& name : change.partitions)
        names += " " + name;
    return "restart of" + names;
}

/// Lists that are long say no more than their ends.
std::string shortened(const std::string& text) {
    constexpr usize most = 240;
    if (text.empty())
        return "none";
    usize end = most;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.size() <= most ? text : text.substr(0, end) + "…";
}

std::string indented(const std::string& text, usize indent) {
    std::string out;
    for (const std::string& line : wrap(text, page_width - indent))
        out += std::string(indent, ' ') + line + "\n";
    return out;
}

std::string summary(const std::vector<Change>& changes) {
    auto nothing =
        static_cast<usize>(std::count_if(changes.begin(), changes.end(), [](const Change& change) {
            return change.needs() == Needs::nothing;
        }));
    std::string text = plural(changes.size(), "change");
    if (nothing != 0)
        text += ", " + std::to_string(nothing) + " of which need nothing";
    text += ".";
    if (needs_of(changes) == Needs::machine)
        return text + " The machine must be restarted.";
    std::string names;
    for (const std::string& name : touched(changes))
        names += " " + name;
    return text + (names.empty() ? "" : " To restart, start or stop:" + names);
}

} // namespace

std::string diff_text(const std::vector<Change>& changes) {
    if (changes.empty())
        return "no difference\n";
    std::string text;
    for (const Change& change : changes) {
        text += indented(change.subject + ": " + change.what + " [" + consequence(change) + "]", 0);
        text += indented(shortened(change.from) + " -> " + shortened(change.to), 4);
        if (!change.because.empty())
            text += indented("because " + change.because, 4);
    }
    return text + "\n" + indented(summary(changes), 0);
}

} // namespace cloison::command
