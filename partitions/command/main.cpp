// SPDX-License-Identifier: Apache-2.0
// The `cloison` command: one verb, then what the verb takes.
#include "partitions/command/exit_code.hpp"
#include "partitions/command/verbs.hpp"
#include "partitions/completion/completion.hpp"
#include "partitions/describe/platform_verb.hpp"
#include "partitions/run/run.hpp"
#include "partitions/xml/nearest.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace cloison::command {

namespace {

using Arguments = std::vector<std::string>;

int print_help(const Arguments& arguments);
int print_completion(const Arguments& arguments);

struct Verb {
    std::string_view name;
    std::string_view summary;
    int (*run)(const Arguments& arguments);
};

constexpr Verb verbs[] = {
    {"check", "says everything that is wrong with layouts, before anything boots", check},
    {"explain", "says what a rule of a finding stands for, and what to do", explain},
    {"show", "shows what each partition gets, and where every byte of RAM goes", show},
    {"diff", "says what changes from one layout to another, and what that takes", diff},
    {"export", "writes a layout with every choice of the planner's made", export_plan},
    {"boot", "boots a layout on an emulated machine with VT-x", run::run_boot},
    {"image", "writes a disc image that boots a layout, for any machine", run::run_image},
    {"reference", "boots the guests of a layout without the firmware, to compare with",
     run::run_reference},
    {"platform", "describes the machine it runs on as a platform, and says what it lacks",
     describe::run_platform},
    {"schema", "prints the XML schema of layouts and platforms, for editors", schema},
    {"completion", "prints the script that completes words in bash or zsh", print_completion},
    {"help", "prints this text, or that of one verb: cloison help VERB", print_help},
};

const Verb* find_verb(std::string_view name) {
    const auto* found = std::find_if(std::begin(verbs), std::end(verbs),
                                     [&](const Verb& verb) { return verb.name == name; });
    return found == std::end(verbs) ? nullptr : found;
}

int unknown_verb(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Verb& verb : verbs)
        names.push_back(verb.name);
    std::cerr << "cloison: unknown verb '" << name << "': " << xml::did_you_mean(name, names)
              << "\nTry 'cloison help'.\n";
    return exit_usage;
}

int print_help(const Arguments& arguments) {
    bool of_verb = !arguments.empty() && arguments.front() != "--help" && arguments.front() != "-h";
    if (of_verb) {
        const Verb* verb = find_verb(arguments.front());
        return verb == nullptr ? unknown_verb(arguments.front()) : verb->run({"--help"});
    }
    std::cout << "Divides the CPUs and the memory of one machine among unmodified guests.\n\n"
                 "Usage: cloison VERB [OPTIONS] ...\n\nVerbs:\n";
    for (const Verb& verb : verbs)
        std::cout << "  " << verb.name << std::string(11 - verb.name.size(), ' ') << verb.summary
                  << "\n";
    std::cout
        << "\nOptions:\n"
           "  --help     prints this text; behind a verb, that of the verb\n"
           "  --version  prints the version\n"
           "\nExamples:\n"
           "  cloison check configs/layouts/two-linux.xml\n"
           "  cloison boot configs/layouts/two-linux.xml\n"
           "\nEnvironment:\n"
           "  CLOISON_SHARE  folder of the firmware and the guests, if not that of the build\n"
           "  NO_COLOR       if set, nothing is printed in colour\n\n"
        << exit_code_help;
    return exit_ok;
}

int print_completion(const Arguments& arguments) {
    std::vector<completion::Verb> all;
    for (const Verb& verb : verbs)
        all.push_back({verb.name, verb.run});
    return completion::run_completion(arguments, all);
}

int run_command(Arguments arguments) {
    if (arguments.empty()) {
        std::cerr << "cloison: what shall I do? Try 'cloison help'.\n";
        return exit_usage;
    }
    std::string name = arguments.front();
    arguments.erase(arguments.begin());
    if (name == "--help" || name == "-h")
        return print_help({});
    if (name == "--version") {
        std::cout << "cloison " CLOISON_VERSION "\n";
        return exit_ok;
    }
    const Verb* verb = find_verb(name);
    return verb == nullptr ? unknown_verb(name) : verb->run(arguments);
}

} // namespace

} // namespace cloison::command

int main(int argc, char** argv) {
    try {
        return cloison::command::run_command({argv + std::min(argc, 1), argv + argc});
    } catch (const std::exception& error) {
        std::cerr << "cloison: " << error.what() << "\n";
        return cloison::command::exit_failed;
    }
}
