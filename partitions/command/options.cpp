// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/options.hpp"
#include "partitions/command/exit_code.hpp"

#include <boost/program_options.hpp>

#include <iostream>

namespace cloison::command {

namespace po = boost::program_options;

namespace {

int complain(const VerbHelp& help, const std::string& what) {
    std::cerr << "cloison " << help.name << ": " << what << "\n"
              << "Try 'cloison " << help.name << " --help'.\n";
    return exit_usage;
}

} // namespace

std::optional<Options> parse_options(const std::vector<std::string>& arguments,
                                     const VerbHelp& help, int& status) {
    Options options;
    std::string purpose;
    po::options_description visible("Options");
    visible.add_options()("json", po::bool_switch(&options.json), "print JSON instead of text")(
        "for", po::value(&purpose)->default_value("boot"),
        "boot: what the firmware of this version boots; model: the whole language")(
        "help,h", "print this text");
    po::options_description all;
    all.add(visible).add_options()(
        "layout", po::value<std::vector<std::string>>(&options.layouts)->composing());
    po::positional_options_description files;
    files.add("layout", -1);
    po::variables_map values;
    try {
        po::store(po::command_line_parser(arguments).options(all).positional(files).run(), values);
        po::notify(values);
    } catch (const po::error& error) {
        status = complain(help, error.what());
        return std::nullopt;
    }
    if (values.count("help") != 0) {
        std::cout << "Usage: cloison " << help.name << " " << help.usage << "\n\n"
                  << help.text << "\n"
                  << visible << "\n"
                  << exit_code_help;
        status = exit_ok;
        return std::nullopt;
    }
    if (purpose != "boot" && purpose != "model") {
        status = complain(help, "--for takes 'boot' or 'model', not '" + purpose + "'");
        return std::nullopt;
    }
    options.purpose = purpose == "model" ? Purpose::model : Purpose::boot;
    if (options.layouts.empty()) {
        status = complain(help, "which layout?");
        return std::nullopt;
    }
    if (options.layouts.size() > 1 && !help.many) {
        status = complain(help, "one layout at a time");
        return std::nullopt;
    }
    return options;
}

} // namespace cloison::command
