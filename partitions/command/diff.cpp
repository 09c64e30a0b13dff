// SPDX-License-Identifier: Apache-2.0
#include "partitions/diff/diff.hpp"
#include "partitions/command/diff_text.hpp"
#include "partitions/command/json.hpp"
#include "partitions/command/options.hpp"
#include "partitions/command/verbs.hpp"

#include <algorithm>
#include <iostream>

namespace cloison::command {

namespace {

// As diff(1) has it: a script tells "different" from "could not be compared".
constexpr int exit_same = 0, exit_different = 1, exit_trouble = 2;

constexpr VerbHelp help{
    "diff", "[--json] [--for boot|model] LAYOUT LAYOUT",
    "Compares what two layouts give to whom: the first is the one in force, the second the\n"
    "one to come. Each change says what it takes: nothing, a restart of partitions, or one of\n"
    "the machine. Partitions are the same if they have the same name; one that has moved,\n"
    "though it asks for the same, says who has its old place, where somebody has.\n"
    "\n"
    "What a change takes is what it cannot do without. Today's firmware reads its layout\n"
    "when the machine starts, so that anything beyond 'nothing' waits for that.\n"
    "\n"
    "Examples:\n"
    "  cloison diff configs/layouts/two-linux.xml new.xml\n"
    "  cloison diff --json old.xml new.xml | jq '.restart[]'\n",
    2,
    "Exit status:\n"
    "  0  no difference\n"
    "  1  there are differences\n"
    "  2  a layout has errors, or the command line makes no sense\n"};

template <typename T, typename F>
std::string array(const std::vector<T>& things, F&& to_json) {
    std::vector<std::string> list(things.size());
    std::transform(things.begin(), things.end(), list.begin(), to_json);
    return json::array(list);
}

std::string strings(const std::vector<std::string>& texts) {
    return array(texts, [](const std::string& text) { return json::string(text); });
}

std::string change_json(const diff::Change& change) {
    return json::object({{"subject", json::string(change.subject)},
                         {"what", json::string(change.what)},
                         {"from", json::string(change.from)},
                         {"to", json::string(change.to)},
                         {"because", json::string(change.because)},
                         {"rule", json::string(change.rule->id)},
                         {"reason", json::string(change.rule->reason)},
                         {"needs", json::string(needs_name(change.needs()))},
                         {"partitions", strings(change.partitions)}});
}

std::string to_json(const std::vector<diff::Change>& changes) {
    return json::object({{"same", json::boolean(changes.empty())},
                         {"needs", json::string(needs_name(diff::needs_of(changes)))},
                         {"restart", strings(diff::touched(changes))},
                         {"changes", array(changes, change_json)}});
}

/// The errors alone: warnings are compared.
void print_errors(const Diagnostics& findings) {
    Diagnostics errors;
    for (const Diagnostic& finding : findings.list())
        if (finding.severity == Severity::error)
            errors.error(finding.where, finding.rule, finding.message, finding.remedy);
    print_findings(errors);
}

} // namespace

int diff(const std::vector<std::string>& arguments) {
    int status = exit_same;
    auto options = parse_options(arguments, help, status);
    if (!options)
        return status;
    Compilation before = compile(options->layouts[0], options->purpose);
    Compilation after = compile(options->layouts[1], options->purpose);
    print_errors(before.diagnostics);
    print_errors(after.diagnostics);
    if (!before.ok() || !after.ok())
        return exit_trouble;
    auto changes = diff::compare(before, after);
    std::cout << (options->json ? to_json(changes) + "\n" : diff_text(changes));
    return changes.empty() ? exit_same : exit_different;
}

} // namespace cloison::command
