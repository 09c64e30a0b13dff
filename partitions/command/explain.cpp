// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/command_line.hpp"
#include "partitions/command/json.hpp"
#include "partitions/command/table.hpp"
#include "partitions/command/verbs.hpp"
#include "partitions/rules/registry.hpp"
#include "partitions/schema/markdown_text.hpp"
#include "partitions/xml/nearest.hpp"

#include <boost/program_options.hpp>

#include <iostream>

namespace cloison::command {

namespace po = boost::program_options;

namespace {

constexpr VerbHelp help{
    "explain", "[--json] RULE... | [--json | --markdown] --all",
    "Says what a rule stands for that a finding of 'cloison check' or a line @refuse of\n"
    "the firmware names, and what to do about it.\n"
    "\n"
    "Examples:\n"
    "  cloison explain siblings-shared\n"
    "  cloison explain --all | less\n"};

struct Wanted {
    std::vector<std::string> rules;
    bool json = false, markdown = false, all = false;
};

const char* severity_name(const RuleText& rule) {
    return rule.severity == Severity::error ? "error" : "warning";
}

std::string to_json(const RuleText& rule, std::string_view group) {
    return json::object({{"rule", json::string(rule.id)},
                         {"severity", json::string(severity_name(rule))},
                         {"subject", json::string(group)},
                         {"sentence", json::string(rule.sentence)},
                         {"remedy", json::string(rule.remedy)}});
}

void print(const RuleText& rule) {
    std::cout << rule.id << " (" << severity_name(rule) << ")\n";
    for (const std::string& line : wrap(std::string(rule.sentence), page_width - 4))
        std::cout << "    " << line << "\n";
    if (!rule.remedy.empty())
        for (const std::string& line : wrap("Remedy: " + std::string(rule.remedy), page_width - 4))
            std::cout << "    " << line << "\n";
}

void print_markdown(std::string_view title, std::span<const RuleText> rules) {
    std::cout << "\n## " << title << "\n\n";
    for (const RuleText& rule : rules) {
        std::string text = "- `" + std::string(rule.id) + "`" +
                           (rule.severity == Severity::warning ? " (warning)" : "") + ": " +
                           schema::markdown_of(rule.sentence) + " " +
                           schema::markdown_of(rule.remedy);
        std::string indent;
        for (const std::string& line : wrap(text, 98)) {
            std::cout << indent << line << "\n";
            indent = "  ";
        }
    }
}

constexpr std::string_view firmware_title = "The firmware alone";

void print_all_markdown() {
    std::cout << "# Rules\n\n"
                 "What a layout and a platform must be, each rule with the ID that `cloison check` "
                 "prints. An error\nkeeps a layout from booting, a warning does not. Printed by "
                 "`cloison explain --all --markdown`.\n";
    for (const RuleGroup& group : rule_groups())
        print_markdown(group.title, group.rules);
    print_markdown(firmware_title, firmware_rules());
}

void print_all(const Wanted& wanted) {
    std::vector<std::string> objects;
    auto visit = [&](std::string_view title, std::span<const RuleText> rules) {
        if (!wanted.json)
            std::cout << "--- " << title << " ---\n";
        for (const RuleText& rule : rules) {
            if (wanted.json)
                objects.push_back(to_json(rule, title));
            else
                print(rule);
        }
    };
    for (const RuleGroup& group : rule_groups())
        visit(group.title, group.rules);
    visit(firmware_title, firmware_rules());
    if (wanted.json)
        std::cout << json::object({{"rules", json::array(objects)}}) << "\n";
}

int print_some(const Wanted& wanted) {
    std::vector<std::string> objects;
    for (const std::string& id : wanted.rules) {
        auto rule = find_rule(id);
        if (!rule)
            return complain(help,
                            "there is no rule '" + id + "': " + xml::did_you_mean(id, rule_ids()));
        if (wanted.json)
            objects.push_back(to_json(*rule, {}));
        else
            print(*rule);
    }
    if (wanted.json)
        std::cout << json::object({{"rules", json::array(objects)}}) << "\n";
    return exit_ok;
}

} // namespace

int explain(const std::vector<std::string>& arguments) {
    Wanted wanted;
    po::options_description own;
    own.add_options()("all", po::bool_switch(&wanted.all), "explain every rule")(
        "json", po::bool_switch(&wanted.json), "print JSON instead of text")(
        "markdown", po::bool_switch(&wanted.markdown), "with --all: print docs/rules.md");
    int status = exit_ok;
    if (!parse_words(arguments, help, own, wanted.rules, status))
        return status;
    if (wanted.all == !wanted.rules.empty() || (wanted.markdown && (wanted.json || !wanted.all)))
        return complain(help, wanted.rules.empty() ? "which rule?" : "these do not go together");
    if (wanted.markdown)
        print_all_markdown();
    else if (wanted.all)
        print_all(wanted);
    return wanted.all ? exit_ok : print_some(wanted);
}

} // namespace cloison::command
