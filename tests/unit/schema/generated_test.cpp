// SPDX-License-Identifier: Apache-2.0
// What is printed from the vocabularies and kept in the repository is what would be printed now.
#include "partitions/schema/schema.hpp"
#include "partitions/schema/value_types.hpp"
#include "partitions/xml/values.hpp"
#include "tests/unit/partitions/expectations.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <regex>

namespace cloison::test {
namespace {

using xml::AttributeRule;
using xml::ElementRule;

class Printed : public testing::TestWithParam<const ElementRule*> {};

TEST_P(Printed, SchemaIsTheOneThatIsKept) {
    std::string name(GetParam()->name);
    EXPECT_EQ(read_text(CLOISON_SOURCE "/configs/schema/" + name + ".xsd"),
              schema::to_xsd(*GetParam()))
        << "refresh it: cloison schema " << name << " > configs/schema/" << name << ".xsd";
}

TEST_P(Printed, TablesAreThoseOfTheDocumentation) {
    std::string name(GetParam()->name);
    if (name == "platform-part")
        return; // all of it is in a platform
    std::string page = read_text(CLOISON_SOURCE "/docs/layout-language.md");
    std::string begin = "<!-- cloison schema --markdown " + name + " -->\n\n",
                end = "\n<!-- end -->\n";
    usize from = page.find(begin);
    ASSERT_NE(from, std::string::npos);
    from += begin.size();
    EXPECT_EQ(page.substr(from, page.find(end, from) - from), schema::to_markdown(*GetParam()))
        << "refresh it: cloison schema --markdown " << name
        << ", between the comments in docs/layout-language.md";
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, Printed,
                         testing::ValuesIn(schema::vocabularies().begin(),
                                           schema::vocabularies().end()),
                         [](const auto& vocabulary) {
                             std::string name(vocabulary.param->name);
                             return name.substr(name.find('-') + 1);
                         });

void for_each_attribute(const ElementRule& rule,
                        const std::function<void(const AttributeRule&)>& visit) {
    for (const AttributeRule& attribute : rule.attributes)
        visit(attribute);
    for (const ElementRule& child : rule.children)
        for_each_attribute(child, visit);
}

TEST(ValueTypes, HaveExamplesThatTheParserTakes) {
    for (const ElementRule* root : schema::vocabularies())
        for_each_attribute(*root, [](const AttributeRule& rule) {
            schema::ValueType type = schema::value_type(rule);
            EXPECT_FALSE(type.phrase.empty() || rule.meaning.empty()) << rule.name;
            if (!type.example.empty()) {
                EXPECT_TRUE(std::holds_alternative<u64>(xml::parse_value(type.example, rule)))
                    << type.example;
            }
        });
}

TEST(ValueTypes, BoundHexadecimalNumbersExactly) {
    for (u64 most : {u64{0}, u64{1}, u64{9}, u64{10}, u64{15}, u64{16}, u64{0xA0}, u64{0xFF},
                     u64{0x100}, u64{0xFFF8}, u64{0xFFFF}, u64{0x10A0F}}) {
        std::regex pattern(schema::hexadecimal_up_to(most));
        for (u64 value = 0; value < 0x11000; value += value < 0x200 ? 1 : 7) {
            std::string text = xml::format_hex(value);
            ASSERT_EQ(std::regex_match(text, pattern), value <= most) << text << " to " << most;
        }
        for (u64 value : {most - 1, most, most + 1, most + 15, most + 16}) {
            std::string text = "0x000" + xml::format_hex(value).substr(2);
            ASSERT_EQ(std::regex_match(text, pattern), value <= most) << text << " to " << most;
        }
    }
}

} // namespace
} // namespace cloison::test
