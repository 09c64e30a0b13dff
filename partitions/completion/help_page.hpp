// SPDX-License-Identifier: Apache-2.0
// What a verb takes, read from the help that it prints. The help is the one description of a verb
// that people see; whatever completes words from another list would go stale.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cloison::completion {

struct Option {
    std::vector<std::string> names; // "--verbose", "-v"
    std::string placeholder;        // what stands for its value, "DIR", or choices, "boot|model";
                                    // empty where it takes none
    std::string meaning;            // the first line of it
};

struct VerbShape {
    std::string name;
    std::string summary;                // from the list of verbs; empty where there is none
    std::vector<std::string> arguments; // placeholders, "LAYOUT", or choices, "bash|zsh"; the last
                                        // one may be repeated
    std::vector<Option> options;
};

/// Reads the line "Usage: cloison NAME …" and the lines behind "Options:" that begin with two
/// spaces and a '-'. Throws std::runtime_error when there is no such usage: the verb has no help.
VerbShape read_help(std::string_view name, std::string_view help);

/// The summary of each verb in the list of "cloison help", by name.
std::string summary_of(std::string_view name, std::string_view help);

/// What a placeholder stands for.
enum class Meaning { layouts, files, folders, partitions, verbs, rules, listed, free };

struct Placeholder {
    std::string_view name;
    Meaning meaning;
    std::string_view words; // where they are listed
};

/// The placeholder that a verb's help may use; null for one that has no meaning yet.
const Placeholder* find_placeholder(std::string_view name);

} // namespace cloison::completion
