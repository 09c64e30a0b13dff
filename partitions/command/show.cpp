// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/show.hpp"
#include "partitions/command/options.hpp"
#include "partitions/command/output.hpp"
#include "partitions/command/verbs.hpp"
#include "partitions/picture/picture.hpp"

#include <boost/program_options.hpp>

namespace cloison::command {

namespace po = boost::program_options;

namespace {

constexpr VerbHelp help{
    "show", "[--json | --svg] [-o FILE] [--for boot|model] LAYOUT",
    "Shows what each partition of LAYOUT gets on the platform that it names: its CPUs\n"
    "by APIC ID, its memory by the machine's addresses, its devices, who serves it, what\n"
    "is in the slots of its PCI bus, and what it boots; and where every byte of the\n"
    "machine's RAM goes. Nothing is booted.\n"
    "\n"
    "--svg draws it: a picture for a browser, on paper or in a document, in light or dark\n"
    "colours as the reader has it. Pointing at something says what it is.\n"
    "\n"
    "A layout with errors is not shown; they are printed as by 'cloison check'.\n"
    "\n"
    "Examples:\n"
    "  cloison show configs/layouts/two-linux.xml\n"
    "  cloison show --json configs/layouts/two-linux.xml | jq .budget\n"
    "  cloison show --svg -o two-linux.svg configs/layouts/two-linux.xml\n"};

} // namespace

int show(const std::vector<std::string>& arguments) {
    int status = exit_ok;
    bool svg = false;
    std::string output;
    po::options_description own;
    own.add_options()("svg", po::bool_switch(&svg), "draw a picture instead (SVG 1.1)")(
        "output,o", po::value(&output)->value_name("FILE"),
        "write to FILE instead of standard output");
    auto options = parse_options(arguments, help, status, own);
    if (!options)
        return status;
    if (svg && options->json)
        return complain(help, "either --json or --svg");
    Compilation compilation = compile(options->layouts.front(), options->purpose);
    print_findings(compilation.diagnostics);
    if (!compilation.ok())
        return exit_failed;
    const CompiledLayout& compiled = *compilation.value;
    std::string text = svg             ? picture::draw(compiled)
                       : options->json ? plan_json(compiled) + "\n"
                                       : plan_text(compiled);
    return write_output(help.name, output, text) ? exit_ok : exit_failed;
}

} // namespace cloison::command
