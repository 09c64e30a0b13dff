// SPDX-License-Identifier: Apache-2.0
#include "partitions/xml/document.hpp"
#include "partitions/xml/lint.hpp"
#include "partitions/xml/nearest.hpp"
#include "partitions/xml/utf8.hpp"
#include "partitions/xml/values.hpp"

#include <gtest/gtest.h>

#include <array>

namespace cloison::xml {
namespace {

u64 value(const Parsed<u64>& parsed) {
    return std::get<u64>(parsed);
}

std::string rule(const Parsed<u64>& parsed) {
    const auto* problem = std::get_if<Problem>(&parsed);
    return problem == nullptr ? "" : problem->rule;
}

TEST(Size, IsANumberAndAUnit) {
    EXPECT_EQ(value(parse_size("0KiB")), 0u);
    EXPECT_EQ(value(parse_size("1KiB")), kib);
    EXPECT_EQ(value(parse_size("636KiB")), 636 * kib);
    EXPECT_EQ(value(parse_size("256MiB")), 256 * mib);
    EXPECT_EQ(value(parse_size("3GiB")), 3 * gib);
    EXPECT_EQ(value(parse_size("2TiB")), 2048 * gib);
}

TEST(Size, NeedsItsUnit) {
    for (const char* text :
         {"256", "0", "256B", "256MB", "256mib", "256M", "256Mi", "256MiBs", "256 MiB"})
        EXPECT_EQ(rule(parse_size(text)), "units") << text;
}

TEST(Size, IsNothingElse) {
    for (const char* text :
         {"", "MiB", "-1MiB", "+1MiB", " 1MiB", "0x10MiB", "1.5GiB", "1e3MiB", "١MiB"})
        EXPECT_NE(rule(parse_size(text)), "") << text;
}

TEST(Size, StaysBelowTwoToThe63) {
    EXPECT_EQ(value(parse_size("8388607TiB")), u64{8388607} * 1024 * gib);
    EXPECT_EQ(rule(parse_size("8388608TiB")), "size");
    EXPECT_EQ(rule(parse_size("99999999999999999999KiB")), "size");
}

TEST(Size, IsFormattedSoThatItReadsBack) {
    for (u64 bytes : {kib, 3 * kib, mib, 636 * kib, 1023 * mib, gib, 5 * gib, 2048 * gib})
        EXPECT_EQ(value(parse_size(format_size(bytes))), bytes);
    EXPECT_EQ(format_size(0), "0 bytes");
    EXPECT_EQ(format_size(1025), "1025 bytes");
}

TEST(Address, IsHexadecimalOrASize) {
    EXPECT_EQ(value(parse_address("0x0")), 0u);
    EXPECT_EQ(value(parse_address("0x3bee0000")), 0x3bee0000u);
    EXPECT_EQ(value(parse_address("2MiB")), 2 * mib);
    EXPECT_EQ(rule(parse_address("4096")), "units");
    for (const char* text :
         {"0x", "0xg", "0x1 ", "0x-1", "0x8000000000000000", "0x10000000000000000"})
        EXPECT_EQ(rule(parse_address(text)), "address") << text;
}

TEST(Integer, HasARange) {
    EXPECT_EQ(value(parse_integer("1", 1, 8)), 1u);
    EXPECT_EQ(value(parse_integer("8", 1, 8)), 8u);
    for (const char* text : {"0", "9", "", "x", "1x", " 1", "-1", "0x1", "99999999999999999999"})
        EXPECT_EQ(rule(parse_integer(text, 1, 8)), "integer") << text;
}

TEST(Quote, ShortensAtACharacter) {
    EXPECT_EQ(quote("alpha"), "'alpha'");
    std::string text = std::string(59, 'x') + "äöü";
    EXPECT_EQ(quote(text), "'" + std::string(59, 'x') + "…'");
}

TEST(Nearest, IsWhatWasMeant) {
    constexpr std::array<std::string_view, 4> known{"processors", "memory", "boot", "console"};
    EXPECT_EQ(nearest_name("procesors", known), "processors");
    EXPECT_EQ(nearest_name("processor", known), "processors");
    EXPECT_EQ(nearest_name("meomry", known), "memory"); // one swap
    EXPECT_EQ(nearest_name("Boot", known), "boot");
    EXPECT_EQ(nearest_name("network", known), "");
    EXPECT_EQ(nearest_name("", known), "");
    EXPECT_EQ(nearest_name(std::string(1000000, 'm'), known), "");
    EXPECT_EQ(did_you_mean("network", known), "known here: processors, memory, boot, console");
}

TEST(Utf8, EveryCharacterHasOneForm) {
    auto encode = [](u32 c) {
        std::string s;
        if (c < 0x80)
            s = {static_cast<char>(c)};
        else if (c < 0x800)
            s = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
        else if (c < 0x10000)
            s = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
                 static_cast<char>(0x80 | (c & 0x3F))};
        else
            s = {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)),
                 static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
        return s;
    };
    for (u32 c = 0; c < 0x110000; ++c) {
        std::string bytes = encode(c);
        Character decoded = decode_utf8(bytes);
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        ASSERT_EQ(decoded.length, surrogate ? 0 : bytes.size()) << c;
        if (!surrogate) {
            ASSERT_EQ(decoded.code, c);
        }
    }
    for (const char* bytes : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF",
                              "\xF4\x90\x80\x80", "\xFF", "\xC3", "\xE2\x82", "\xC3("})
        EXPECT_EQ(decode_utf8(bytes).length, 0u) << bytes;
}

std::string first_rule(std::string_view text) {
    Diagnostics findings;
    bool clean = lint(text, "text", findings);
    EXPECT_EQ(clean, findings.errors() == 0);
    return clean ? "" : findings.list().front().rule;
}

TEST(Lint, KnowsOtherEncodings) {
    EXPECT_EQ(first_rule(std::string("\xFE\xFF\0<\0a", 6)), "xml-encoding");
    EXPECT_EQ(first_rule(std::string("\xFF\xFE<\0a\0", 6)), "xml-encoding");
    EXPECT_EQ(first_rule("\xEF\xBB\xBF<a/>"), ""); // a byte-order mark in UTF-8 is allowed
}

TEST(Lint, BoundsTheFile) {
    EXPECT_EQ(first_rule(std::string(max_file_size, ' ')), "");
    EXPECT_EQ(first_rule(std::string(max_file_size + 1, ' ')), "xml-size");
}

TEST(Lint, LeavesCommentsAndQuotesAlone) {
    EXPECT_EQ(first_rule("<a><!-- & < <!DOCTYPE --></a>"), "");
    EXPECT_EQ(first_rule("<a b=\"&lt;!DOCTYPE ===================================\"/>"), "");
    EXPECT_EQ(first_rule("<a b='>' c=\"'\"/>"), "");
    EXPECT_EQ(first_rule("<a b=\"&#65;&#x1F600;&amp;&quot;\"/>"), "");
    EXPECT_EQ(first_rule("<a b=\"&#xD800;\"/>"), "xml-reference");
    EXPECT_EQ(first_rule("<a>&amp</a>"), "xml-reference");
    EXPECT_EQ(first_rule("<a b=\"&"), "xml-reference");
}

TEST(Lint, CountsLines) {
    Diagnostics findings;
    lint("<a\n b='\n'>\n<!--\n-->&no;\n</a>", "text", findings);
    ASSERT_EQ(findings.errors(), 1u);
    EXPECT_EQ(findings.list()[0].where.line, 5);
}

TEST(Diagnostics, KeepsABoundedNumber) {
    Diagnostics findings;
    for (usize i = 0; i < Diagnostics::kept_at_most + 5; ++i)
        findings.error({"file", 1}, "rule", "message");
    EXPECT_EQ(findings.errors(), Diagnostics::kept_at_most + 5);
    EXPECT_EQ(findings.list().size(), Diagnostics::kept_at_most);
    EXPECT_EQ(findings.dropped(), 5u);
}

TEST(Diagnostics, ReadLikeThoseOfACompiler) {
    Diagnostic finding{{"a.xml", 7}, Severity::error, "units", "no unit", "write MiB"};
    EXPECT_EQ(to_text(finding, false), "a.xml:7: error[units]: no unit\n    remedy: write MiB\n");
    finding = {{"a.xml", 0}, Severity::warning, "rule", "message", ""};
    EXPECT_EQ(to_text(finding, false), "a.xml: warning[rule]: message\n");
    EXPECT_NE(to_text(finding, true).find("\x1b["), std::string::npos);
}

} // namespace
} // namespace cloison::xml
