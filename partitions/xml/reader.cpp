// SPDX-License-Identifier: Apache-2.0
#include "partitions/xml/reader.hpp"
#include "firmware/abi/manifest.hpp"
#include "partitions/xml/nearest.hpp"

#include <tinyxml2.h>

#include <algorithm>

namespace cloison::xml {

namespace {
bool is_name(std::string_view text) {
    auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return !text.empty() && text.size() < abi::name_size && letter(text[0]) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

} // namespace

Location Reader::where() const {
    return {file_, element_.GetLineNum()};
}

Location Reader::where(const char* attribute) const {
    const auto* found = element_.FindAttribute(attribute);
    return {file_, found != nullptr ? found->GetLineNum() : element_.GetLineNum()};
}

bool Reader::has(const char* attribute) const {
    return element_.FindAttribute(attribute) != nullptr;
}

std::string Reader::text(const char* attribute) const {
    const char* value = element_.Attribute(attribute);
    std::string result = value != nullptr ? value : "";
    std::replace_if(
        result.begin(), result.end(), [](char c) { return c == '\n' || c == '\t' || c == '\r'; },
        ' ');
    return result;
}

u64 Reader::number(const char* attribute, const Parsed<u64>& parsed) const {
    if (const auto* value = std::get_if<u64>(&parsed))
        return *value;
    if (has(attribute)) { // where it is missing the vocabulary has said so
        const auto& problem = std::get<Problem>(parsed);
        findings_.error(where(attribute), problem.rule,
                        std::string(attribute) + ": " + problem.message, problem.remedy);
    }
    return 0;
}

u64 Reader::size(const char* attribute) const {
    return number(attribute, parse_size(text(attribute)));
}

u64 Reader::address(const char* attribute) const {
    return number(attribute, parse_address(text(attribute)));
}

u64 Reader::integer(const char* attribute, u64 least, u64 most) const {
    return number(attribute, parse_integer(text(attribute), least, most));
}

usize Reader::keyword(const char* attribute, std::span<const std::string_view> words,
                      std::span<const std::string_view> later) const {
    std::string value = text(attribute);
    auto found = std::find(words.begin(), words.end(), value);
    if (found != words.end())
        return static_cast<usize>(found - words.begin());
    if (!has(attribute))
        return 0;
    std::string start = std::string(attribute) + ": ";
    if (std::find(later.begin(), later.end(), value) != later.end()) {
        std::string today;
        for (std::string_view word : words)
            today += (today.empty() ? "'" : ", '") + std::string(word) + "'";
        findings_.error(where(attribute), "not-yet", start + quote(value) + " is not there yet",
                        "what works today is " + today);
    } else {
        findings_.error(where(attribute), "keyword", start + "unknown word " + quote(value),
                        did_you_mean(value, words));
    }
    return 0;
}

std::string Reader::name(const char* attribute, std::string_view rule) const {
    std::string value = text(attribute);
    if (has(attribute) && !is_name(value))
        findings_.error(where(attribute), rule, quote(value) + " is not a name",
                        "use a letter a-z, then letters, digits and '-', at most 31 in all");
    return value;
}

std::vector<Reader> Reader::children(const char* name) const {
    std::vector<Reader> found;
    for (const auto* child = element_.FirstChildElement(name); child != nullptr;
         child = child->NextSiblingElement(name))
        found.emplace_back(*child, file_, findings_);
    return found;
}

std::optional<Reader> Reader::child(const char* name) const {
    const auto* found = element_.FirstChildElement(name);
    if (found == nullptr)
        return std::nullopt;
    return Reader(*found, file_, findings_);
}

} // namespace cloison::xml
