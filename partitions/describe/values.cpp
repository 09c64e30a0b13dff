// SPDX-License-Identifier: Apache-2.0
#include "partitions/describe/values.hpp"

#include "partitions/describe/error.hpp"

#include <algorithm>
#include <charconv>

namespace cloison::describe {

namespace {

constexpr std::string_view white = " \t\r\n";
constexpr u64 most_id = 0xFFFF'FFFE;

std::optional<u64> parse(std::string_view digits, int base, u64 most) {
    u64 value = 0;
    const char* end = digits.data() + digits.size();
    auto [stop, error] = std::from_chars(digits.data(), end, value, base);
    if (digits.empty() || error != std::errc{} || stop != end || value > most)
        return std::nullopt;
    return value;
}

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
    std::vector<std::string_view> parts;
    for (usize begin = 0; (begin = text.find_first_not_of(at, begin)) != std::string_view::npos;) {
        usize end = std::min(text.find_first_of(at, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return parts;
}

} // namespace

std::string_view trim(std::string_view text) {
    usize begin = text.find_first_not_of(white);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(white) - begin + 1);
}

std::vector<std::string_view> words(std::string_view text) {
    return split(text, white);
}

std::vector<std::string_view> lines(std::string_view text) {
    return split(text, "\r\n");
}

std::string shown(std::string_view text) {
    constexpr usize most = 40;
    std::string out = "'" + std::string(text.substr(0, most)) + (text.size() > most ? "..." : "");
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return out + "'";
}

std::optional<u64> parse_number(std::string_view text, u64 most) {
    return text.starts_with("0x") ? parse(text.substr(2), 16, most) : parse(text, 10, most);
}

std::optional<u64> parse_hex(std::string_view text, u64 most) {
    return parse(text, 16, most);
}

std::optional<u64> number_in(const Tree& tree, const std::string& path, u64 most) {
    auto text = tree.read(path);
    if (!text)
        return std::nullopt;
    auto value = parse_number(trim(*text), most);
    if (!value)
        throw DescribeError(tree.name(path) + ": " + shown(trim(*text)) +
                            " is not a whole number up to " + std::to_string(most));
    return value;
}

std::optional<u32> id_in(const Tree& tree, const std::string& path) {
    auto text = tree.read(path);
    if (!text || trim(*text) == "-1")
        return std::nullopt;
    return static_cast<u32>(*number_in(tree, path, most_id));
}

std::optional<u32> number_of(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix))
        return std::nullopt;
    auto value = parse(name.substr(prefix.size()), 10, most_id);
    return value ? std::optional(static_cast<u32>(*value)) : std::nullopt;
}

} // namespace cloison::describe
