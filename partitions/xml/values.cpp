// SPDX-License-Identifier: Apache-2.0
#include "partitions/xml/values.hpp"
#include "partitions/xml/numbers.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace cloison::xml {

namespace {

struct Unit {
    std::string_view name;
    u64 bytes;
};
constexpr std::array<Unit, 4> units{
    {{"KiB", kib}, {"MiB", mib}, {"GiB", gib}, {"TiB", 1024 * gib}}};
constexpr u64 largest = ~u64{0} >> 1; // sums of two stay below 2^64

/// The unit somebody meant by `name`: the one with the same first letter.
std::string_view unit_meant(std::string_view name) {
    for (const Unit& unit : units)
        if (!name.empty() && std::toupper(static_cast<unsigned char>(name[0])) == unit.name[0])
            return unit.name;
    return {};
}

} // namespace

std::string normalized(const char* value) {
    std::string text = value;
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
    return text;
}

std::string quote(std::string_view text) {
    constexpr usize shown = 60;
    usize end = std::min(text.size(), shown);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end; // not in the middle of a UTF-8 character
    return "'" + std::string(text.substr(0, end)) + (end < text.size() ? "…'" : "'");
}

Parsed<u64> parse_size(std::string_view text) {
    usize end = std::min(text.find_first_not_of("0123456789"), text.size());
    std::string_view digits = text.substr(0, end);
    std::string_view name = text.substr(end);
    if (digits.empty())
        return Problem{"size", quote(text) + " is not a size",
                       "write a whole number and a unit, for example 256MiB"};
    for (const Unit& unit : units) {
        if (unit.name != name)
            continue;
        auto count = to_number(digits, 10);
        if (!count || *count > largest / unit.bytes)
            return Problem{"size", quote(text) + " is more than any machine has", ""};
        return *count * unit.bytes;
    }
    if (name.empty())
        return Problem{"units", quote(text) + " has no unit",
                       "write KiB, MiB, GiB or TiB behind the number"};
    if (name.starts_with('.'))
        return Problem{"size", quote(text) + " is not a whole number of units",
                       "use a smaller unit: 2560MiB rather than 2.5GiB"};
    std::string_view meant = unit_meant(name);
    return Problem{"units", quote(name) + " is not a unit of size",
                   meant.empty() ? "the units are KiB, MiB, GiB and TiB"
                                 : "write " + std::string(digits) + std::string(meant) +
                                       " if that is what you mean"};
}

Parsed<u64> parse_address(std::string_view text) {
    if (!text.starts_with("0x"))
        return parse_size(text);
    auto value = to_number(text.substr(2), 16);
    if (!value || *value > largest)
        return Problem{"address", quote(text) + " is not an address",
                       "write it as 0x100000 or 1MiB"};
    return *value;
}

Parsed<u64> parse_integer(std::string_view text, u64 least, u64 most) {
    auto value = to_number(text, 10);
    if (!value || *value < least || *value > most)
        return Problem{"integer",
                       quote(text) + " is not a whole number from " + std::to_string(least) +
                           " to " + std::to_string(most),
                       ""};
    return *value;
}

Parsed<u64> parse_hexadecimal(std::string_view text, u64 least, u64 most) {
    auto value = text.starts_with("0x") ? to_number(text.substr(2), 16) : std::nullopt;
    if (!value || *value < least || *value > most)
        return Problem{"integer",
                       quote(text) + " is not a number from " + format_hex(least) + " to " +
                           format_hex(most),
                       "write it as 0x8086"};
    return *value;
}

std::string format_size(u64 bytes) {
    for (auto unit = units.rbegin(); unit != units.rend(); ++unit)
        if (bytes != 0 && bytes % unit->bytes == 0)
            return std::to_string(bytes / unit->bytes) + std::string(unit->name);
    return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

} // namespace cloison::xml
