// SPDX-License-Identifier: Apache-2.0
#include "partitions/bindings/bindings.hpp"
#include "partitions/command/options.hpp"
#include "partitions/command/output.hpp"
#include "partitions/command/verbs.hpp"
#include "partitions/compile.hpp"

#include <boost/program_options.hpp>

namespace cloison::command {

namespace po = boost::program_options;
namespace fs = std::filesystem;

namespace {

constexpr VerbHelp help{
    "export", "--bindings [-o FILE] [--for boot|model] LAYOUT",
    "Writes what LAYOUT gets on the platform that it names as a layout again, in which\n"
    "nothing is left to choose: CPUs by APIC ID, memory by address, the profile in force,\n"
    "Ethernet addresses, digests of the images. Compiled again it gives the same plan, now\n"
    "and by a later version; it can be edited, and compared by 'cloison diff'.\n"
    "\n"
    "Relative paths are written for the folder of FILE; on standard output they stay.\n"
    "\n"
    "Examples:\n"
    "  cloison export --bindings configs/layouts/two-linux.xml -o /tmp/bound.xml\n"
    "  cloison check /tmp/bound.xml\n"};

bindings::Folders folders(const std::string& layout, const std::string& output) {
    bindings::Folders result{fs::path(layout).parent_path(), std::nullopt};
    if (!output.empty())
        result.to = fs::absolute(output).parent_path();
    return result;
}

} // namespace

int export_plan(const std::vector<std::string>& arguments) {
    int status = exit_ok;
    bool bound = false;
    std::string output;
    po::options_description own;
    own.add_options()("bindings", po::bool_switch(&bound), "write a layout with every choice made")(
        "output,o", po::value(&output)->value_name("FILE"),
        "write to FILE instead of standard output");
    auto options = parse_options(arguments, help, status, own);
    if (!options)
        return status;
    if (!bound || options->json)
        return complain(help, bound ? "there is no JSON of bindings; 'cloison show --json' has all"
                                    : "export what? --bindings is there");
    const std::string& layout = options->layouts.front();
    Compilation compilation = compile(layout, options->purpose);
    print_findings(compilation.diagnostics);
    if (!compilation.ok())
        return exit_failed;
    std::string text = bindings::to_xml(*compilation.value, folders(layout, output));
    return write_output(help.name, output, text) ? exit_ok : exit_failed;
}

} // namespace cloison::command
