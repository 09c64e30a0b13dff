// SPDX-License-Identifier: Apache-2.0
#include "partitions/completion/completion.hpp"

#include "partitions/command/exit_code.hpp"
#include "partitions/completion/partition_names.hpp"
#include "partitions/completion/scripts.hpp"
#include "partitions/rules/registry.hpp"

#include <algorithm>
#include <iostream>
#include <sstream>

namespace cloison::completion {

namespace {

constexpr const char* help =
    "Usage: cloison completion bash|zsh\n"
    "\n"
    "Prints a script that teaches the shell to complete what is typed behind 'cloison':\n"
    "verbs, the options of each, layouts, the names of a layout's partitions, rules. To use\n"
    "it in every new shell, put the line into ~/.bashrc, or into ~/.zshrc behind compinit:\n"
    "\n"
    "  source <(cloison completion bash)\n"
    "  source <(cloison completion zsh)\n"
    "\n"
    "Options:\n"
    "  --partitions LAYOUT  print the names of the layout's partitions instead, as the\n"
    "                       scripts need them\n"
    "  -h, --help           print this text\n"
    "\n"
    "Exit status:\n"
    "  0  it is printed\n"
    "  1  the layout cannot be read\n"
    "  2  the command line makes no sense\n";

int complain(const std::string& what) {
    std::cerr << "cloison completion: " << what << "\nTry 'cloison completion --help'.\n";
    return command::exit_usage;
}

/// Takes what is printed to std::cout while it lives.
class Capture {
  public:
    Capture() : before_(std::cout.rdbuf(text_.rdbuf())) {}
    ~Capture() { std::cout.rdbuf(before_); }
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;

    [[nodiscard]] std::string text() const { return text_.str(); }

  private:
    std::ostringstream text_;
    std::streambuf* before_;
};

std::string help_of(const Verb& verb) {
    Capture capture;
    verb.run({"--help"});
    return capture.text();
}

std::vector<VerbShape> shapes(std::span<const Verb> verbs) {
    std::string list; // of all verbs, as "cloison help" prints it
    for (const Verb& verb : verbs)
        if (verb.name == "help")
            list = help_of(verb);
    std::vector<VerbShape> result;
    for (const Verb& verb : verbs) {
        result.push_back(read_help(verb.name, help_of(verb)));
        result.back().summary = summary_of(verb.name, list);
    }
    return result;
}

std::vector<std::string> rules() {
    std::vector<std::string> ids;
    for (std::string_view id : rule_ids())
        ids.emplace_back(id);
    return ids;
}

int print_partitions(const std::string& layout) {
    auto names = partition_names(layout);
    if (!names)
        return command::exit_failed;
    for (const std::string& name : *names)
        std::cout << name << "\n";
    return command::exit_ok;
}

} // namespace

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string action_of(const std::string& placeholder) {
    if (std::string words = placeholder; words.find('|') != std::string::npos) {
        std::replace(words.begin(), words.end(), '|', ' ');
        return "=" + words;
    }
    const Placeholder* known = find_placeholder(placeholder);
    switch (known == nullptr ? Meaning::files : known->meaning) {
    case Meaning::layouts:
        return "layouts";
    case Meaning::files:
        return "files";
    case Meaning::folders:
        return "folders";
    case Meaning::partitions:
        return "partitions";
    case Meaning::verbs:
        return "verbs";
    case Meaning::rules:
        return "rules";
    case Meaning::listed:
        return "=" + std::string(known->words);
    case Meaning::free:
        break;
    }
    return "free";
}

int run_completion(const std::vector<std::string>& arguments, std::span<const Verb> verbs) {
    if (std::ranges::any_of(arguments,
                            [](const auto& word) { return word == "--help" || word == "-h"; })) {
        std::cout << help;
        return command::exit_ok;
    }
    if (arguments.size() == 2 && arguments[0] == "--partitions")
        return print_partitions(arguments[1]);
    if (arguments.size() != 1)
        return complain("for which shell? bash or zsh");
    if (arguments[0] == "bash")
        std::cout << bash_script(shapes(verbs), rules());
    else if (arguments[0] == "zsh")
        std::cout << zsh_script(shapes(verbs), rules());
    else
        return complain("'" + arguments[0] + "': bash and zsh are there");
    return command::exit_ok;
}

} // namespace cloison::completion
