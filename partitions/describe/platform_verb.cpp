// SPDX-License-Identifier: Apache-2.0
#include "partitions/describe/platform_verb.hpp"

#include "partitions/command/command_line.hpp"
#include "partitions/command/verbs.hpp"
#include "partitions/describe/error.hpp"
#include "partitions/describe/machine.hpp"
#include "partitions/describe/report.hpp"
#include "partitions/platform/platform.hpp"
#include "partitions/xml/numbers.hpp"

#include <boost/program_options.hpp>

#include <fstream>
#include <iostream>
#include <optional>

namespace cloison::describe {

namespace {

namespace po = boost::program_options;

constexpr command::VerbHelp help{
    "platform", "[OPTION]...",
    "Describes the machine that it runs on as a platform file, from what Linux shows of it,\n"
    "and lists on standard error what the machine has and lacks for Cloison. Best run as\n"
    "root, on the machine that is to be divided; nothing is changed there.\n"
    "\n"
    "Examples:\n"
    "  sudo cloison platform -o configs/platforms/server.xml\n"
    "  cloison platform --root /tmp/copy-of-proc-and-sys --name server\n",
    0,
    "Exit status:\n"
    "  0  the machine is described, and fit\n"
    "  1  it lacks something needed, or that could not be seen; or it could not be described\n"
    "  2  the command line makes no sense\n"};

struct PlatformOptions {
    std::string root, output, name;
    bool json = false;
};

/// None: the verb is done, and `status` is its exit status.
std::optional<PlatformOptions> parse(const std::vector<std::string>& arguments, int& status) {
    PlatformOptions options;
    std::vector<std::string> operands;
    bool named = false;
    po::options_description own;
    own.add_options()("root", po::value(&options.root)->value_name("DIR")->default_value("/"),
                      "folder with a copy of the machine's /proc and /sys")(
        "output,o", po::value(&options.output)->value_name("FILE"),
        "write the platform to FILE instead of standard output")(
        "name",
        po::value<std::string>()->value_name("WORD")->notifier([&](const std::string& name) {
            options.name = name;
            named = true;
        }),
        "the platform's name (default: the host's, or \"machine\")")(
        "json", po::bool_switch(&options.json),
        "print the list as JSON, on standard output; without --output the platform is its member "
        "\"xml\"");
    if (!command::parse_words(arguments, help, own, operands, status))
        return std::nullopt;
    if (!operands.empty()) {
        status = command::complain(help, "this is of the machine it runs on, not of '" +
                                             operands.front() + "'");
        return std::nullopt;
    }
    if (named && !xml::is_name(options.name)) {
        status = command::complain(
            help, "a name is a letter a-z, then letters, digits and '-', 31 at most");
        return std::nullopt;
    }
    return options;
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    if (!file.flush())
        throw DescribeError(path + ": cannot be written");
}

/// What `cloison check` would find wrong in the description: a machine may contradict itself. None
/// of it where the RAM is not known, which has been said.
bool agrees_with_itself(const Machine& machine, const std::string& xml, const std::string& file) {
    Diagnostics findings;
    if (!machine.memory.ram.empty())
        parse_platform(xml, file, findings);
    command::print_findings(findings);
    return findings.errors() == 0;
}

int describe(const PlatformOptions& options) {
    Machine machine = read_machine(Tree(options.root));
    std::vector<Item> items = judge(machine);
    std::string name = !options.name.empty()        ? options.name
                       : !machine.host_name.empty() ? machine.host_name
                                                    : "machine";
    std::string xml = to_xml(machine, name);
    if (!options.output.empty())
        write_file(options.output, xml);
    std::string to_print = options.output.empty() ? xml : "";
    if (options.json) {
        std::cout << to_json(items, name, to_print) << "\n";
    } else {
        std::cout << to_print << std::flush; // before the list, where both go to a terminal
        std::cerr << to_text(items, name);
    }
    bool agrees =
        agrees_with_itself(machine, xml, options.output.empty() ? "platform" : options.output);
    return agrees && fit(items) ? command::exit_ok : command::exit_failed;
}

} // namespace

int run_platform(const std::vector<std::string>& arguments) {
    int status = command::exit_ok;
    auto options = parse(arguments, status);
    if (!options)
        return status;
    try {
        return describe(*options);
    } catch (const DescribeError& error) {
        std::cerr << "cloison platform: " << error.what() << "\n";
        return command::exit_failed;
    }
}

} // namespace cloison::describe
