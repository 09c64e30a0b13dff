// SPDX-License-Identifier: Apache-2.0
#include "partitions/completion/help_page.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace cloison::completion {

namespace {

constexpr Placeholder placeholders[] = {
    {"LAYOUT", Meaning::layouts, {}},
    {"FILE", Meaning::files, {}},
    {"DIR", Meaning::folders, {}},
    {"NAME", Meaning::partitions, {}},
    {"VERB", Meaning::verbs, {}},
    {"RULE", Meaning::rules, {}},
    {"EMULATOR", Meaning::listed, "bochs qemu"},
    {"SECONDS", Meaning::free, {}},
    {"WORD", Meaning::free, {}},
};

/// "LAYOUT", and what is put around it in a usage: "[LAYOUT]...". Empty for anything else.
std::string placeholder_in(std::string word) {
    std::erase_if(word, [](char c) { return c == '[' || c == ']' || c == '.'; });
    bool upper = word.size() > 1 && std::all_of(word.begin(), word.end(), [](char c) {
                     return (c >= 'A' && c <= 'Z') || c == '-';
                 });
    return upper && word[0] != '-' && !word.starts_with("OPTION") ? word : "";
}

/// "layout|platform": words to choose from.
bool is_choice(const std::string& word) {
    return word.find('|') != std::string::npos && word[0] >= 'a' && word[0] <= 'z' &&
           word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-|") == std::string::npos;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

std::string trimmed(const std::string& text) {
    auto begin = text.find_first_not_of(' ');
    return begin == std::string::npos ? ""
                                      : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// "  -v [ --verbose ] ARG (=x)  what it means" or "  -h, --help  prints this".
Option read_option(const std::string& line) {
    Option option;
    auto at = line.find('-');
    for (auto next = at; next != std::string::npos && line[next] == '-';) {
        auto end = std::min(line.find_first_of(" ,", next), line.size());
        option.names.push_back(line.substr(next, end - next));
        at = end;
        next = line.find_first_not_of(" ,[]", end);
    }
    at = std::min(line.find_first_not_of(",]", at), line.size());
    if (line.substr(at).starts_with(" ]"))
        at += 2;
    // The value follows behind one space, the meaning behind more.
    std::string rest = line.substr(at);
    if (rest.size() > 1 && rest[0] == ' ' && rest[1] != ' ') {
        auto end = std::min(rest.find(' ', 1), rest.size());
        std::string word = rest.substr(1, end - 1);
        bool as_it_is = is_choice(word) || word == "arg"; // the library's word for one without name
        option.placeholder = as_it_is ? word : placeholder_in(word);
        if (!option.placeholder.empty())
            rest = rest.substr(end);
    }
    if (auto value = trimmed(rest); value.starts_with("(=")) // a default
        rest = value.substr(std::min(value.find(')'), value.size() - 1) + 1);
    option.meaning = trimmed(rest);
    return option;
}

/// The words that stand for arguments, without those of options: "[-o FILE]".
std::vector<std::string> read_arguments(std::string_view name, const std::string& usage) {
    std::vector<std::string> arguments;
    std::istringstream words(usage);
    bool option = false;
    for (std::string word; words >> word;) {
        option |= word.starts_with("[-");
        std::string placeholder = is_choice(word) ? word : placeholder_in(word);
        if (!option && word != name && !placeholder.empty())
            arguments.push_back(placeholder);
        option &= !word.ends_with(']');
    }
    return arguments;
}

} // namespace

VerbShape read_help(std::string_view name, std::string_view help) {
    constexpr std::string_view usage = "Usage: cloison ";
    VerbShape verb;
    verb.name = name;
    bool found = false, options = false;
    for (const std::string& line : lines_of(help)) {
        if (line.starts_with(usage) && !found) {
            verb.arguments = read_arguments(name, line.substr(usage.size()));
            found = true;
        } else if (line == "Options:") {
            options = true;
        } else if (line.empty() || line[0] != ' ') {
            options = false;
        } else if (options && line.starts_with("  -")) {
            verb.options.push_back(read_option(line));
        }
    }
    if (!found)
        throw std::runtime_error("the verb '" + std::string(name) + "' has no help");
    return verb;
}

std::string summary_of(std::string_view name, std::string_view help) {
    std::string start = "  " + std::string(name) + " ";
    for (const std::string& line : lines_of(help))
        if (line.starts_with(start))
            return trimmed(line.substr(start.size()));
    return "";
}

const Placeholder* find_placeholder(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(placeholders), std::end(placeholders),
                     [&](const Placeholder& placeholder) { return placeholder.name == name; });
    return found == std::end(placeholders) ? nullptr : found;
}

} // namespace cloison::completion
