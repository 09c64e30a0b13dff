// SPDX-License-Identifier: Apache-2.0
#include "partitions/completion/partition_names.hpp"

#include "partitions/xml/document.hpp"

#include <tinyxml2.h>

namespace cloison::completion {

namespace {

bool is_name(std::string_view text) {
    constexpr std::string_view rest = "abcdefghijklmnopqrstuvwxyz0123456789-";
    return !text.empty() && text[0] >= 'a' && text[0] <= 'z' &&
           text.find_first_not_of(rest) == std::string_view::npos;
}

} // namespace

std::optional<std::vector<std::string>> partition_names(const std::filesystem::path& layout) {
    Diagnostics ignored;
    auto text = xml::read_file(layout, ignored);
    tinyxml2::XMLDocument document;
    if (!text || document.Parse(text->data(), text->size()) != tinyxml2::XML_SUCCESS)
        return std::nullopt;
    std::vector<std::string> names;
    const auto* root = document.RootElement();
    if (root == nullptr)
        return std::nullopt;
    for (const auto* partition = root->FirstChildElement("partition"); partition != nullptr;
         partition = partition->NextSiblingElement("partition")) {
        const char* name = partition->Attribute("name");
        if (name != nullptr && is_name(name))
            names.emplace_back(name);
    }
    return names;
}

} // namespace cloison::completion
