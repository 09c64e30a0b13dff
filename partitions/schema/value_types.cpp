// SPDX-License-Identifier: Apache-2.0
// The strings are preserved as they are written: a simple type that is no string would have white
// space around it removed before its patterns are looked at (XML Schema 1.0 part 2, 4.3.6).
#include "partitions/schema/value_types.hpp"
#include "firmware/abi/manifest.hpp"
#include "partitions/xml/values.hpp"

#include <stdexcept>

namespace cloison::schema {

using xml::AttributeRule;
using xml::Kind;

namespace {

constexpr const char* size_pattern = "[0-9]+(KiB|MiB|GiB|TiB)";
constexpr u64 largest_address = ~u64{0} >> 1;

std::string join(std::span<const std::string_view> words, const char* between, const char* last,
                 const char* mark) {
    std::string text;
    for (usize i = 0; i < words.size(); ++i) {
        text += i == 0 ? "" : i + 1 == words.size() ? last : between;
        text.append(mark).append(words[i]).append(mark);
    }
    return text;
}

/// One hexadecimal digit from 0 to `most`, in either case.
std::string digit_up_to(u64 most) {
    auto letter = [&](char first) {
        return static_cast<char>(first + static_cast<int>(most) - 10);
    };
    if (most == 0)
        return "0";
    if (most < 10)
        return std::string("[0-") + static_cast<char>('0' + static_cast<int>(most)) + "]";
    return std::string("[0-9a-") + letter('a') + "A-" + letter('A') + "]";
}

/// This hexadecimal digit, in either case.
std::string digit(u64 value) {
    if (value < 10)
        return {static_cast<char>('0' + value)};
    return std::string("[") + static_cast<char>('a' + value - 10) +
           static_cast<char>('A' + value - 10) + "]";
}

std::string any_digits(int count) {
    return count == 0 ? "" : "[0-9a-fA-F]{" + std::to_string(count) + "}";
}

ValueType string_type(const char* name, const char* pattern, const char* phrase,
                      const char* example) {
    return {name, "xs:string", {{"pattern", pattern}}, phrase, example};
}

ValueType keyword_type(const AttributeRule& rule) {
    ValueType type{"words." + join(rule.words, ".", ".", ""), "xs:string", {}, {}, {}};
    for (std::string_view word : rule.words)
        type.facets.push_back({"enumeration", std::string(word)});
    type.phrase = join(rule.words, ", ", " or ", "`");
    return type;
}

ValueType integer_type(const AttributeRule& rule) {
    std::string least = std::to_string(rule.least), most = std::to_string(rule.most);
    return {"integer-" + least + "-to-" + most,
            "xs:unsignedLong",
            {{"pattern", "[0-9]+"}, {"minInclusive", least}, {"maxInclusive", most}},
            least + " to " + most,
            {}};
}

ValueType hexadecimal_type(const AttributeRule& rule) {
    if (rule.least != 0)
        throw std::logic_error("hexadecimal numbers are from 0");
    std::string most = xml::format_hex(rule.most);
    return {"hexadecimal-to-" + most,
            "xs:string",
            {{"pattern", hexadecimal_up_to(rule.most)}},
            "`0x0` to `" + most + "`",
            {}};
}

} // namespace

std::string hexadecimal_up_to(u64 most) {
    int left = 15; // digits behind the one that is looked at
    while (left > 0 && most >> (4 * left) == 0)
        --left;
    std::string pattern = "0x0*(";
    if (left != 0)
        pattern += "[0-9a-fA-F]{1," + std::to_string(left) + "}|";
    // Numbers of as many digits: the first that differs from that of `most` is smaller.
    for (std::string same;; --left) {
        u64 own = most >> (4 * left) & 0xF, below = (u64{1} << (4 * left)) - 1;
        if ((most & below) == below) // whatever the others are
            return pattern.append(same).append(digit_up_to(own)).append(any_digits(left)) + ")";
        if (own != 0)
            pattern.append(same).append(digit_up_to(own - 1)).append(any_digits(left)) += "|";
        same += digit(own);
    }
}

ValueType value_type(const AttributeRule& rule) {
    switch (rule.kind) {
    case Kind::text:
        return {"text", "xs:string", {}, "any text", {}};
    case Kind::path:
        return {"path", "xs:string", {{"minLength", "1"}}, "a path", {}};
    case Kind::name: {
        std::string rest = std::to_string(abi::name_size - 2); // without the first and the NUL
        return {"name",
                "xs:string",
                {{"pattern", "[a-z][a-z0-9\\-]{0," + rest + "}"}},
                "a name",
                "alpha"};
    }
    case Kind::keyword:
        return keyword_type(rule);
    case Kind::size:
        return string_type("size", size_pattern, "a size", "256MiB");
    case Kind::address:
        return {"address",
                "xs:string",
                {{"pattern", hexadecimal_up_to(largest_address)}, {"pattern", size_pattern}},
                "an address",
                "0x100000"};
    case Kind::integer:
        return integer_type(rule);
    case Kind::hexadecimal:
        return hexadecimal_type(rule);
    case Kind::decimal:
        return string_type("decimal", "0*[0-9]{1,9}(\\.[0-9]{1,2})?", "a decimal number", "0.25");
    case Kind::rate:
        return string_type("rate", "[0-9]+/s", "a rate", "500/s");
    case Kind::bandwidth:
        return string_type("bandwidth", "[0-9]+(kbit/s|Mbit/s|Gbit/s)", "a bandwidth", "1Gbit/s");
    case Kind::duration:
        return string_type("duration", "[0-9]+(us|ms|s|min)", "a duration", "250ms");
    case Kind::mac:
        return string_type("mac", "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", "an Ethernet address",
                           "02:00:00:00:00:01");
    case Kind::pci:
        return string_type("pci", "[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[01][0-9a-fA-F]\\.[0-7]",
                           "a PCI address", "0000:00:1f.2");
    case Kind::sha256:
        return string_type("sha256", "[0-9a-fA-F]{64}", "a SHA-256 digest", "");
    }
    return {};
}

} // namespace cloison::schema
