// SPDX-License-Identifier: Apache-2.0
#include "partitions/xml/declaration.hpp"
#include "firmware/abi/types.hpp"

#include <algorithm>
#include <cctype>
#include <regex>

namespace cloison::xml {

namespace {

constexpr usize longest = 200; // keeps a hostile file from the regular expression

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string_view target(std::string_view inside) {
    return inside.substr(0, inside.find_first_of(xml_space));
}

/// XML 1.0, 2.8, XMLDecl; `encoding` becomes what it declares.
bool is_declaration(std::string_view inside, std::string& encoding) {
    static const std::regex grammar(
        R"re(xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]+"|'1\.[0-9]+'))re"
        R"re((?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*("[A-Za-z][\w.\-]*"|'[A-Za-z][\w.\-]*'))?)re"
        R"re((?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*)re");
    std::cmatch match;
    if (inside.size() > longest ||
        !std::regex_match(inside.data(), inside.data() + inside.size(), match, grammar))
        return false;
    encoding = match[1].str();
    return true;
}

} // namespace

std::string declaration_problem(std::string_view inside, bool first) {
    std::string name(target(inside)), encoding;
    if (lower(name) != "xml") {
        bool letter = !name.empty() && (std::isalpha(static_cast<unsigned char>(name[0])) != 0 ||
                                        name[0] == '_' || name[0] == ':');
        bool sound = std::all_of(name.begin(), name.end(), [](unsigned char c) {
            return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == ':';
        });
        return letter && sound ? "" : "<? is followed by a name";
    }
    if (!first)
        return "the declaration is the first thing in the file";
    return is_declaration(inside, encoding)
               ? ""
               : "this is not the declaration of an XML file of version 1";
}

bool declares_utf8(std::string_view inside) {
    std::string encoding;
    if (target(inside) != "xml" || !is_declaration(inside, encoding) || encoding.empty())
        return true;
    return lower(encoding.substr(1, encoding.size() - 2)) == "utf-8";
}

} // namespace cloison::xml
