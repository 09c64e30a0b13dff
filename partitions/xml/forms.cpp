// SPDX-License-Identifier: Apache-2.0
// The values that are not plain numbers of bytes: rates, times, addresses of devices.
#include "partitions/xml/nearest.hpp"
#include "partitions/xml/numbers.hpp"
#include "partitions/xml/values.hpp"
#include "partitions/xml/vocabulary.hpp"

#include <algorithm>
#include <array>

namespace cloison::xml {

namespace {

struct Unit {
    std::string_view name;
    u64 worth;
};
constexpr std::array<Unit, 1> rate_units{{{"/s", 1}}};
constexpr std::array<Unit, 3> bandwidth_units{
    {{"kbit/s", 1000}, {"Mbit/s", 1'000'000}, {"Gbit/s", 1'000'000'000}}};
constexpr std::array<Unit, 4> duration_units{
    {{"us", 1}, {"ms", 1000}, {"s", 1'000'000}, {"min", 60'000'000}}};

constexpr u64 largest = ~u64{0} >> 1;

/// A whole number and one of `units`.
Parsed<u64> parse_with_unit(std::string_view text, std::span<const Unit> units,
                            const char* example) {
    usize end = std::min(text.find_first_not_of("0123456789"), text.size());
    auto count = to_number(text.substr(0, end), 10);
    std::string remedy = std::string("write a whole number and a unit, for example ") + example;
    if (end == 0)
        return Problem{"size", quote(text) + " is not a quantity", remedy};
    for (const Unit& unit : units) {
        if (unit.name != text.substr(end))
            continue;
        if (!count || *count > largest / unit.worth)
            return Problem{"size", quote(text) + " is too much", ""};
        return *count * unit.worth;
    }
    return Problem{"units", quote(text) + " has no unit that fits", remedy};
}

std::string format_with_unit(u64 value, std::span<const Unit> units) {
    for (auto unit = units.rbegin(); unit != units.rend(); ++unit)
        if (value != 0 && value % unit->worth == 0)
            return std::to_string(value / unit->worth) + std::string(unit->name);
    return std::to_string(value) + std::string(units.front().name);
}

bool is_hex(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string hex(u64 value, int digits) {
    std::string text;
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        text += "0123456789abcdef"[value >> shift & 0xF];
    return text;
}

} // namespace

Parsed<u64> parse_decimal(std::string_view text) {
    constexpr u64 most = 1'000'000'000;
    usize point = std::min(text.find('.'), text.size());
    auto whole = to_number(text.substr(0, point), 10);
    std::string_view places = point == text.size() ? "0" : text.substr(point + 1);
    auto fraction = to_number(places, 10);
    if (!whole || !fraction || places.size() > 2 || *whole >= most)
        return Problem{"decimal", quote(text) + " is not a number with two decimal places at most",
                       "write it as 0.25"};
    return *whole * 100 + *fraction * (places.size() == 1 ? 10 : 1);
}

Parsed<u64> parse_rate(std::string_view text) {
    return parse_with_unit(text, rate_units, "500/s");
}

Parsed<u64> parse_bandwidth(std::string_view text) {
    return parse_with_unit(text, bandwidth_units, "100Mbit/s");
}

Parsed<u64> parse_duration(std::string_view text) {
    return parse_with_unit(text, duration_units, "250ms");
}

Parsed<u64> parse_mac(std::string_view text) {
    u64 mac = 0;
    bool sound = text.size() == 17;
    for (usize i = 0; sound && i < text.size(); i += 3) {
        std::string_view byte = text.substr(i, 2);
        sound = is_hex(byte) && (i + 2 == text.size() || text[i + 2] == ':');
        mac = mac << 8 | to_number(byte, 16).value_or(0);
    }
    if (!sound)
        return Problem{"mac-address", quote(text) + " is not an Ethernet address",
                       "write six bytes, as in 02:00:00:00:00:01"};
    return mac;
}

Parsed<u64> parse_pci(std::string_view text) {
    constexpr usize length = 12; // 0000:00:1f.2
    bool shape = text.size() == length && text[4] == ':' && text[7] == ':' && text[10] == '.';
    if (shape) {
        auto part = [&](usize from, usize size) { return text.substr(from, size); };
        u64 device = to_number(part(8, 2), 16).value_or(32);
        u64 function = to_number(part(11, 1), 16).value_or(8);
        bool digits = is_hex(part(0, 4)) && is_hex(part(5, 2)) && is_hex(part(8, 2));
        if (digits && device < 32 && function < 8)
            return *to_number(part(0, 4), 16) << 16 | *to_number(part(5, 2), 16) << 8 |
                   device << 3 | function;
    }
    return Problem{"pci-address", quote(text) + " is not the address of a PCI function",
                   "write segment, bus, device and function as lspci -D does: 0000:00:1f.2"};
}

Parsed<u64> parse_value(std::string_view text, const AttributeRule& rule) {
    switch (rule.kind) {
    case Kind::text:
        return u64{0};
    case Kind::path:
        if (text.empty())
            return Problem{"image-path", "the path is empty", ""};
        return u64{0};
    case Kind::name:
        if (!is_name(text))
            return Problem{"name", quote(text) + " is not a name",
                           "use a letter a-z, then letters, digits and '-', at most 31 in all"};
        return u64{0};
    case Kind::keyword: {
        const auto* found =
            std::find(rule.words.data(), rule.words.data() + rule.words.size(), text);
        if (found == rule.words.data() + rule.words.size())
            return Problem{"keyword", "unknown word " + quote(text),
                           did_you_mean(text, rule.words)};
        return static_cast<u64>(found - rule.words.data());
    }
    case Kind::size:
        return parse_size(text);
    case Kind::address:
        return parse_address(text);
    case Kind::integer:
        return parse_integer(text, rule.least, rule.most);
    case Kind::hexadecimal:
        return parse_hexadecimal(text, rule.least, rule.most);
    case Kind::decimal:
        return parse_decimal(text);
    case Kind::rate:
        return parse_rate(text);
    case Kind::bandwidth:
        return parse_bandwidth(text);
    case Kind::duration:
        return parse_duration(text);
    case Kind::mac:
        return parse_mac(text);
    case Kind::pci:
        return parse_pci(text);
    case Kind::sha256:
        if (text.size() != 64 || !is_hex(text))
            return Problem{"digest-form", quote(text) + " is not a SHA-256 digest",
                           "write the 64 digits that sha256sum prints"};
        return u64{0};
    }
    return u64{0};
}

std::string format_hex(u64 value) {
    int digits = 1;
    while (digits < 16 && value >> (4 * digits) != 0)
        ++digits;
    return "0x" + hex(value, digits);
}

std::string format_decimal(u64 hundredths) {
    std::string places = std::to_string(hundredths % 100);
    return std::to_string(hundredths / 100) + "." + (places.size() == 1 ? "0" : "") + places;
}

std::string format_bandwidth(u64 bits) {
    return format_with_unit(bits, bandwidth_units);
}

std::string format_duration(u64 microseconds) {
    return format_with_unit(microseconds, duration_units);
}

std::string format_mac(u64 mac) {
    std::string text;
    for (int shift = 40; shift >= 0; shift -= 8)
        text += hex(mac >> shift & 0xFF, 2) + (shift == 0 ? "" : ":");
    return text;
}

std::string format_pci(u64 address) {
    return hex(address >> 16, 4) + ":" + hex(address >> 8 & 0xFF, 2) + ":" +
           hex(address >> 3 & 0x1F, 2) + "." + hex(address & 7, 1);
}

} // namespace cloison::xml
