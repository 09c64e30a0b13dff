// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/command_line.hpp"

#include <boost/program_options.hpp>

#include <iostream>

namespace cloison::command {

namespace po = boost::program_options;

int complain(const VerbHelp& help, const std::string& what) {
    std::cerr << "cloison " << help.name << ": " << what << "\n"
              << "Try 'cloison " << help.name << " --help'.\n";
    return exit_usage;
}

bool parse_words(const std::vector<std::string>& arguments, const VerbHelp& help,
                 const po::options_description& own, std::vector<std::string>& operands,
                 int& status) {
    po::options_description visible("Options");
    for (const auto& option : own.options())
        visible.add(option);
    visible.add_options()("help,h", "print this text");
    po::options_description all;
    all.add(visible).add_options()("operand", po::value(&operands)->composing());
    po::positional_options_description positions;
    positions.add("operand", -1);
    po::variables_map values;
    try {
        po::store(po::command_line_parser(arguments).options(all).positional(positions).run(),
                  values);
        po::notify(values);
    } catch (const po::error& error) {
        status = complain(help, error.what());
        return false;
    }
    if (values.count("help") == 0)
        return true;
    std::cout << "Usage: cloison " << help.name << " " << help.usage << "\n\n"
              << help.text << "\n"
              << visible << "\n"
              << help.exit_codes;
    status = exit_ok;
    return false;
}

} // namespace cloison::command
