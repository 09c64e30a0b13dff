// SPDX-License-Identifier: Apache-2.0
#include "partitions/schema/schema.hpp"
#include "partitions/command/exit_code.hpp"
#include "partitions/command/verbs.hpp"
#include "partitions/xml/nearest.hpp"

#include <boost/program_options.hpp>

#include <iostream>

namespace cloison::command {

namespace po = boost::program_options;

namespace {

constexpr const char* usage =
    "Usage: cloison schema [--markdown] layout|platform|platform-part\n"
    "\n"
    "Prints the XML schema (XSD 1.0) of layouts, of platforms, or of what platforms\n"
    "include: for editors, which then complete words and mark misspelt ones. It says\n"
    "less than 'cloison check' does; its first comment says what it leaves out.\n"
    "\n"
    "Examples:\n"
    "  cloison schema layout > configs/schema/layout.xsd\n"
    "  xmllint --noout --schema configs/schema/layout.xsd my-layout.xml\n";

int complain(const std::string& what) {
    std::cerr << "cloison schema: " << what << "\nTry 'cloison schema --help'.\n";
    return exit_usage;
}

int print(const std::string& name, bool markdown) {
    std::vector<std::string_view> names;
    for (const xml::ElementRule* root : schema::vocabularies()) {
        names.push_back(root->name);
        if (root->name != name)
            continue;
        std::cout << (markdown ? schema::to_markdown(*root) : schema::to_xsd(*root));
        return exit_ok;
    }
    return complain("there are no files of kind '" + name + "': " + xml::did_you_mean(name, names));
}

} // namespace

int schema(const std::vector<std::string>& arguments) {
    bool markdown = false;
    std::vector<std::string> names;
    po::options_description visible("Options");
    visible.add_options()("markdown", po::bool_switch(&markdown),
                          "print the tables of docs/layout-language.md")("help,h",
                                                                         "print this text");
    po::options_description all;
    all.add(visible).add_options()("kind", po::value(&names)->composing());
    po::positional_options_description kinds;
    kinds.add("kind", -1);
    po::variables_map values;
    try {
        po::store(po::command_line_parser(arguments).options(all).positional(kinds).run(), values);
        po::notify(values);
    } catch (const po::error& error) {
        return complain(error.what());
    }
    if (values.count("help") != 0) {
        std::cout << usage << "\n" << visible << "\n" << exit_code_help;
        return exit_ok;
    }
    if (names.size() != 1)
        return complain(names.empty() ? "of which kind of file?" : "one kind at a time");
    return print(names.front(), markdown);
}

} // namespace cloison::command
