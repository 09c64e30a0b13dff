// SPDX-License-Identifier: Apache-2.0
#include "partitions/schema/schema.hpp"
#include "partitions/command/command_line.hpp"
#include "partitions/command/verbs.hpp"
#include "partitions/xml/nearest.hpp"

#include <boost/program_options.hpp>

#include <iostream>

namespace cloison::command {

namespace po = boost::program_options;

namespace {

constexpr VerbHelp help{
    "schema", "[--markdown] layout|platform|platform-part",
    "Prints the XML schema (XSD 1.0) of layouts, of platforms, or of what platforms\n"
    "include: for editors, which then complete words and mark misspelt ones. It says\n"
    "less than 'cloison check' does; its first comment says what it leaves out.\n"
    "\n"
    "Examples:\n"
    "  cloison schema layout > configs/schema/layout.xsd\n"
    "  xmllint --noout --schema configs/schema/layout.xsd my-layout.xml\n"};

int print(const std::string& name, bool markdown) {
    std::vector<std::string_view> names;
    for (const xml::ElementRule* root : schema::vocabularies()) {
        names.push_back(root->name);
        if (root->name != name)
            continue;
        std::cout << (markdown ? schema::to_markdown(*root) : schema::to_xsd(*root));
        return exit_ok;
    }
    return complain(help,
                    "there are no files of kind '" + name + "': " + xml::did_you_mean(name, names));
}

} // namespace

int schema(const std::vector<std::string>& arguments) {
    bool markdown = false;
    std::vector<std::string> names;
    po::options_description own;
    own.add_options()("markdown", po::bool_switch(&markdown),
                      "print the tables of docs/layout-language.md");
    int status = exit_ok;
    if (!parse_words(arguments, help, own, names, status))
        return status;
    if (names.size() != 1)
        return complain(help, names.empty() ? "of which kind of file?" : "one kind at a time");
    return print(names.front(), markdown);
}

} // namespace cloison::command
