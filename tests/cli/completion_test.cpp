// SPDX-License-Identifier: Apache-2.0
// The completion scripts, in the shells that they are for. What must be offered is taken from what
// each verb prints as its help, so that a new verb or option that is not offered fails here.
#include "partitions/completion/help_page.hpp"
#include "partitions/rules/registry.hpp"
#include "tests/cli/run_cloison.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace cloison::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// Bash is given the words as it would be by its line editor.
constexpr const char* bash_driver = R"(
source <(cloison completion bash) || exit 9
COMP_WORDS=(cloison "$@") COMP_CWORD=$# COMPREPLY=()
_cloison 2>&1
printf '%s\n' "${COMPREPLY[@]}"
)";

// Of zsh's completion system only what adds words is replaced: to print what is offered. Filtering
// by what was typed is the system's, so that everything is offered here.
constexpr const char* zsh_driver = R"(
compdef() { :; }
compadd() { shift; print -rl -- "$@"; }
_files() { print -r -- "<files $*>"; }
_describe() {
    while [[ $1 = -* ]]; do [[ $1 = -t ]] && shift; shift; done
    print -rl -- "${(@)${(@P)2}%%:*}"
}
source <(cloison completion zsh) || exit 9
words=(cloison "$@") CURRENT=$(($# + 1))
_cloison 2>&1
)";

std::string in_quotes(const std::string& text) {
    return "'" + std::regex_replace(text, std::regex("'"), "'\\''") + "'";
}

/// What `shell` offers behind "cloison" for the last of `words`, which may be empty.
Words offered(const std::string& shell, const Words& words,
              const fs::path& where = CLOISON_SOURCE) {
    bool bash = shell == "bash";
    std::string line = "cd " + in_quotes(where.string()) +
                       " && PATH=" + in_quotes(fs::path(CLOISON_COMMAND).parent_path().string()) +
                       ":$PATH exec " + shell + (bash ? " --norc -c " : " -f -c ") +
                       in_quotes(bash ? bash_driver : zsh_driver) + " driver";
    for (const std::string& word : words)
        line += " " + in_quotes(word);
    std::FILE* pipe = popen(line.c_str(), "r");
    std::string text;
    std::array<char, 4096> buffer{};
    for (usize size; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
        text.append(buffer.data(), size);
    EXPECT_EQ(pclose(pipe) & ~0x100, 0) << text; // 1: nothing was offered
    Words result;
    std::istringstream lines(text);
    for (std::string word; std::getline(lines, word);)
        if (!word.empty())
            result.push_back(word);
    return result;
}

std::set<std::string> set_of(const Words& words) {
    return {words.begin(), words.end()};
}

std::string help_of(const std::string& verb) {
    return run_cloison({verb, "--help"}).out;
}

/// The verbs as a person finds them.
Words verbs() {
    std::string help = run_cloison({"help"}).out;
    help = help.substr(0, help.find("\nOptions:")).substr(help.find("Verbs:\n"));
    Words names;
    std::regex line("\n  ([a-z-]+) ");
    for (std::sregex_iterator it(help.begin(), help.end(), line), end; it != end; ++it)
        names.push_back((*it)[1]);
    return names;
}

/// The options that a help lists: "  -v [ --verbose ]", "  --on EMULATOR".
Words options_in(const std::string& help) {
    Words options;
    std::regex line("\n  (-[^\n]*)"), word("^(-[-a-z0-9]+)[ ,]*(\\[ )?(--[-a-z0-9]+)?");
    for (std::sregex_iterator it(help.begin(), help.end(), line), end; it != end; ++it) {
        std::string text = (*it)[1];
        std::smatch match;
        if (!std::regex_search(text, match, word))
            continue;
        options.push_back(match[1]);
        if (match[3].matched)
            options.push_back(match[3]);
    }
    return options;
}

class Completion : public testing::TestWithParam<const char*> {};

TEST_P(Completion, OffersEveryVerb) {
    Words names = verbs();
    EXPECT_GE(names.size(), 8u);
    std::set<std::string> words = set_of(offered(GetParam(), {""}));
    for (const std::string& verb : names)
        EXPECT_TRUE(words.contains(verb)) << verb;
    for (const std::string& word : words)
        EXPECT_TRUE(word.starts_with('-') || std::count(names.begin(), names.end(), word) == 1)
            << word;
    EXPECT_EQ(set_of(offered(GetParam(), {"help", ""})), set_of(names));
}

TEST_P(Completion, OffersEveryOptionOfEveryVerb) {
    for (const std::string& verb : verbs()) {
        Words options = options_in(help_of(verb));
        EXPECT_TRUE(std::count(options.begin(), options.end(), "--help")) << verb;
        // "help" lists the options of the command itself, which stand before any verb.
        std::set<std::string> words =
            set_of(offered(GetParam(), verb == "help" ? Words{"-"} : Words{verb, "-"}));
        std::erase_if(words, [](const std::string& word) { return word[0] != '-'; });
        EXPECT_EQ(words, set_of(options)) << verb;
    }
}

TEST_P(Completion, OffersLayoutsThenTheNamesOfPartitions) {
    Words words = offered(GetParam(), {"boot", "configs/layouts/two-l"});
    EXPECT_EQ(words, std::string(GetParam()) == "bash" ? Words{"configs/layouts/two-linux.xml"}
                                                       : Words{"<files -g *.xml>"});
    EXPECT_EQ(offered(GetParam(), {"boot", "configs/layouts/two-linux.xml", "--console", ""}),
              (Words{"alpha", "beta"}));
    EXPECT_EQ(offered(GetParam(), {"boot", "--keep", "--on", "bochs",
                                   "configs/layouts/two-linux.xml", "--console", ""}),
              (Words{"alpha", "beta"}));
    EXPECT_EQ(offered(GetParam(), {"boot", "--console", ""}), Words{});
    EXPECT_EQ(offered(GetParam(), {"boot", "no-such.xml", "--console", ""}), Words{});
}

TEST_P(Completion, OffersValuesByWhatTheyMean) {
    EXPECT_EQ(offered(GetParam(), {"boot", "--on", ""}), (Words{"bochs", "qemu"}));
    EXPECT_EQ(offered(GetParam(), {"completion", ""}), (Words{"bash", "zsh"}));
    EXPECT_EQ(offered(GetParam(), {"check", "--for", ""}), (Words{"boot", "model"}));
    EXPECT_EQ(offered(GetParam(), {"boot", "--timeout", ""}), Words{});
    Words rules = offered(GetParam(), {"explain", ""});
    EXPECT_GT(rules.size(), 50u);
    for (const std::string& rule : rules)
        EXPECT_TRUE(find_rule(rule)) << rule;
    EXPECT_EQ(rules.size(), rule_ids().size());
    EXPECT_EQ(offered(GetParam(), {"platform", "--root", "/pro"}),
              std::string(GetParam()) == "bash" ? Words{"/proc/"} : Words{"<files -/>"});
    EXPECT_EQ(offered(GetParam(), {"image", "a.xml", "-o", "/etc/hostna"}),
              std::string(GetParam()) == "bash" ? Words{"/etc/hostname"} : Words{"<files >"});
    EXPECT_EQ(offered(GetParam(), {"no-such-verb", ""}), Words{});
}

TEST_P(Completion, RunsNothingThatALayoutSays) {
    TestShare share; // for its folder
    fs::path mark = share.path() / "mark";
    std::ofstream(share.path() / "bad.xml")
        << "<layout><partition name=\"$(touch " << mark.string() << ")\"/><partition name=\"`touch "
        << mark.string() << "`\"/><partition/><partition name=\"good\"/><unfinished/></layout>\n";
    std::string evil = "$(touch " + mark.string() + ")";
    EXPECT_EQ(offered(GetParam(), {"boot", "bad.xml", "--console", ""}, share.path()),
              Words{"good"});
    for (const Words& words :
         {Words{evil, ""}, Words{"boot", evil, ""}, Words{"boot", evil, "--console", ""},
          Words{"boot", "--console", evil}, Words{"boot", "a];" + evil, "-"}})
        offered(GetParam(), words, share.path());
    EXPECT_FALSE(fs::exists(mark));
}

INSTANTIATE_TEST_SUITE_P(Shells, Completion, testing::Values("bash", "zsh"),
                         [](const auto& shell) { return std::string(shell.param); });

// --- what the scripts are made of ---

bool is_choice(const std::string& placeholder) {
    return placeholder.find('|') != std::string::npos;
}

std::string a_value_for(const std::string& placeholder) {
    if (is_choice(placeholder))
        return placeholder.substr(0, placeholder.find('|'));
    return placeholder == "SECONDS" ? "1" : "x";
}

TEST(CompletionSource, EveryPlaceholderOfEveryHelpHasAMeaning) {
    for (const std::string& name : verbs()) {
        completion::VerbShape verb = completion::read_help(name, help_of(name));
        Words used = verb.arguments;
        for (const completion::Option& option : verb.options)
            if (!option.placeholder.empty())
                used.push_back(option.placeholder);
        std::erase_if(used, is_choice);
        for (const std::string& placeholder : used)
            EXPECT_NE(completion::find_placeholder(placeholder), nullptr)
                << "cloison " << name << " --help speaks of " << placeholder
                << ": name the value, and say in partitions/completion/help_page.cpp what "
                   "completes it";
    }
}

TEST(CompletionSource, EveryOfferedOptionIsTaken) {
    for (const std::string& name : verbs())
        for (const completion::Option& option : completion::read_help(name, help_of(name)).options)
            for (const std::string& word : option.names) {
                Words words{name, word};
                if (name == "help")
                    words.erase(words.begin()); // of the command itself
                if (!option.placeholder.empty())
                    words.push_back(a_value_for(option.placeholder));
                if (name != "help" && option.names.back() != "--help")
                    words.push_back("--help");
                EXPECT_EQ(run_cloison(words).status, 0) << name << " " << word;
            }
}

TEST(CompletionSource, EveryEmulatorIsKnown) {
    std::istringstream words(std::string(completion::find_placeholder("EMULATOR")->words));
    for (std::string word; words >> word;) // the layout is not there, which is no usage error
        EXPECT_EQ(run_cloison({"boot", "--on", word, "none.xml"}).status, 1) << word;
    EXPECT_EQ(run_cloison({"boot", "--on", "xen", "none.xml"}).status, 2);
}

TEST(CompletionSource, ReadsTheFormsOfHelps) {
    completion::VerbShape verb = completion::read_help(
        "do",
        "Usage: cloison do [-o FILE] [--json | --on] LAYOUT this|or-that [FILE]...\n\nOptions:\n"
        "  -v [ --verbose ] RULE (=x)  what it means\n"
        "                              --no-option of its own\n"
        "  --on NAME (=bochs)   twice\n"
        "  --for boot|model (=boot)  twice too\n"
        "  --some arg           without a name\n"
        "  --json               PRINT in capitals\n"
        "  -h, --help           this\n"
        "\nExamples:\n  --none of these\n");
    EXPECT_EQ(verb.arguments, (Words{"LAYOUT", "this|or-that", "FILE"}));
    ASSERT_EQ(verb.options.size(), 6u);
    EXPECT_EQ(verb.options[0].names, (Words{"-v", "--verbose"}));
    EXPECT_EQ(verb.options[0].placeholder, "RULE");
    EXPECT_EQ(verb.options[0].meaning, "what it means");
    EXPECT_EQ(verb.options[1].names, Words{"--on"});
    EXPECT_EQ(verb.options[1].placeholder, "NAME");
    EXPECT_EQ(verb.options[1].meaning, "twice");
    EXPECT_EQ(verb.options[2].placeholder, "boot|model");
    EXPECT_EQ(verb.options[2].meaning, "twice too");
    EXPECT_EQ(verb.options[3].placeholder, "arg");
    EXPECT_EQ(completion::find_placeholder("arg"), nullptr);
    EXPECT_EQ(verb.options[4].placeholder, "");
    EXPECT_EQ(verb.options[4].meaning, "PRINT in capitals");
    EXPECT_EQ(verb.options[5].names, (Words{"-h", "--help"}));
    EXPECT_THROW(completion::read_help("do", "no usage\n"), std::runtime_error);
}

TEST(CompletionVerb, WantsAShellThatItKnows) {
    EXPECT_EQ(run_cloison({"completion"}).status, 2);
    EXPECT_EQ(run_cloison({"completion", "fish"}).status, 2);
    EXPECT_EQ(run_cloison({"completion", "--partitions"}).status, 2);
    EXPECT_EQ(run_cloison({"completion", "--partitions", "none.xml"}).status, 1);
}

} // namespace
} // namespace cloison::test
