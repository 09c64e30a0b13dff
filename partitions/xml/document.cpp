// SPDX-License-Identifier: Apache-2.0
#include "partitions/xml/document.hpp"
#include "partitions/xml/lint.hpp"
#include "partitions/xml/values.hpp"

#include <tinyxml2.h>

#include <fstream>

namespace cloison::xml {

namespace {

std::string describe(tinyxml2::XMLError error) {
    switch (error) {
    case tinyxml2::XML_ERROR_EMPTY_DOCUMENT:
        return "the file is empty";
    case tinyxml2::XML_ERROR_PARSING_ELEMENT:
        return "malformed XML: this tag is not <name …>, <name …/> or </name>";
    case tinyxml2::XML_ERROR_PARSING_ATTRIBUTE:
        return "malformed XML: attributes are written name=\"value\", each name once";
    case tinyxml2::XML_ERROR_PARSING_TEXT:
        return "malformed XML: the file ends in the middle of a text";
    case tinyxml2::XML_ERROR_PARSING_CDATA:
        return "malformed XML: this <![CDATA[ has no end";
    case tinyxml2::XML_ERROR_PARSING_COMMENT:
        return "malformed XML: this comment has no end";
    case tinyxml2::XML_ERROR_PARSING_DECLARATION:
        return "malformed XML: <? … ?> belongs at the start of the file and nowhere else";
    case tinyxml2::XML_ERROR_MISMATCHED_ELEMENT:
        return "malformed XML: this element and the tag that ends it differ, or the end is missing";
    default:
        return std::string("malformed XML: ") + tinyxml2::XMLDocument::ErrorIDToName(error);
    }
}

/// The one element of the document; null, with a finding, when there is none or more than one.
const tinyxml2::XMLElement* single_root(const tinyxml2::XMLDocument& document,
                                        const std::string& name, Diagnostics& findings) {
    const tinyxml2::XMLElement* root = document.RootElement();
    if (root == nullptr) {
        findings.error({name, 1}, "xml-malformed", "the file holds no element");
        return nullptr;
    }
    for (const auto* node = document.FirstChild(); node != nullptr; node = node->NextSibling()) {
        bool stray = (node->ToElement() != nullptr && node != root) || node->ToText() != nullptr;
        if (stray) {
            findings.error({name, node->GetLineNum()}, "xml-malformed",
                           "something stands outside the file's one element");
            return nullptr;
        }
    }
    return root;
}

} // namespace

std::optional<std::string> read_file(const std::filesystem::path& file, Diagnostics& findings) {
    Location where{file.string(), 0};
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        findings.error(where, "file-missing", "there is no such file");
        return std::nullopt;
    }
    if (!std::filesystem::is_regular_file(file, error)) {
        findings.error(where, "file-unreadable", "this is not a regular file");
        return std::nullopt;
    }
    if (std::filesystem::file_size(file, error) > max_file_size) {
        findings.error(where, "xml-size", "the file is larger than 16 MiB");
        return std::nullopt;
    }
    std::ifstream stream(file, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(stream)), {});
    if (!stream) {
        findings.error(where, "file-unreadable", "the file cannot be read");
        return std::nullopt;
    }
    return text;
}

Document::Document(std::unique_ptr<tinyxml2::XMLDocument> tree, Source source,
                   const ElementRule& rule)
    : tree_(std::move(tree)),
      source_(std::move(source)),
      rule_(&rule) {}
Document::Document(Document&&) noexcept = default;
Document::~Document() = default;

Reader Document::root(Diagnostics& findings) const {
    return {*tree_->RootElement(), *rule_, source_, findings};
}

std::optional<Document> parse(std::string_view text, const std::string& name,
                              const ElementRule& root, Diagnostics& findings) {
    if (!lint(text, name, findings))
        return std::nullopt;
    auto tree = std::make_unique<tinyxml2::XMLDocument>();
    if (auto error = tree->Parse(text.data(), text.size()); error != tinyxml2::XML_SUCCESS) {
        findings.error({name, tree->ErrorLineNum()}, "xml-malformed", describe(error));
        return std::nullopt;
    }
    const tinyxml2::XMLElement* element = single_root(*tree, name, findings);
    if (element == nullptr)
        return std::nullopt;
    Source source(text, name, element->Name());
    if (element->Name() != root.name) {
        findings.error(source.at(element->Name()), "xml-root",
                       "the file's element is " + quote(element->Name()) + ", not '" +
                           std::string(root.name) + "'");
        return std::nullopt;
    }
    check_vocabulary(*element, root, source, findings);
    return Document(std::move(tree), std::move(source), root);
}

} // namespace cloison::xml
