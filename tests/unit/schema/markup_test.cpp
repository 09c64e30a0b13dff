// SPDX-License-Identifier: Apache-2.0
// What is well-formed XML. TinyXML-2 takes more than XML 1.0 has, and a file that only we can read
// is good for nothing else: so that our parser looks itself, and xmllint says whether rightly.
#include "partitions/platform/words.hpp"
#include "partitions/xml/document.hpp"
#include "tests/unit/schema/agreement.hpp"

#include <gtest/gtest.h>

namespace cloison::test {
namespace {

struct Markup {
    std::string text;
    const char* rule; // that the parser names; empty where it takes the text
};

const std::string whole = R"(<layout name="a" platform="p"/>)";
const std::string bom = "\xEF\xBB\xBF";
const char* const malformed = "xml-malformed";
const Markup texts[] = {
    {whole + "\n<!-- end -->", ""},
    {"\n" + whole, ""},
    {bom + whole, ""},
    {whole + whole, malformed},
    {whole + "x", malformed},
    {whole + std::string(1, '\0'), "xml-nul"},
    {"<!DOCTYPE layout>" + whole, "xml-doctype"},
    // comments
    {"<!-- a - b -->" + whole, ""},
    {"<!-->-->" + whole, ""},
    {"<!---->" + whole, ""},
    {"<!-- a -- b -->" + whole, malformed},
    {"<!-- a --->" + whole, malformed},
    {"<!--->" + whole, malformed},
    // declarations
    {R"(<?xml version="1.0"?>)" + whole, ""},
    {"<?xml version='1.0' encoding='UTF-8' standalone = \"yes\" ?>" + whole, ""},
    {bom + R"(<?xml version="1.0"?>)" + whole, ""},
    {R"(<?xml-model href="layout.xsd" type="application/xml"?>)" + whole, ""},
    {R"(<?xml version="1.0"?>)"
     "\n<?xml-model href='layout.xsd'?>" +
         whole,
     ""},
    {"\n<?xml version=\"1.0\"?>" + whole, malformed},
    {R"(<?xml version="1.0"?><?xml version="1.0"?>)" + whole, malformed},
    {"<?xml?>" + whole, malformed},
    {R"(<?xml encoding="UTF-8"?>)" + whole, malformed},
    {R"(<?xml version="1.0"encoding="UTF-8"?>)" + whole, malformed},
    {R"(<?xml version="1.0" standalone="maybe"?>)" + whole, malformed},
    {R"(<?xml version="2.0"?>)" + whole, malformed},
    {R"(<?xml version=1.0?>)" + whole, malformed},
    {R"(<?xml version="1.0" encoding="a)" + std::string(1000000, 'a') + R"(!"?>)" + whole,
     malformed},
    {R"(<?XML version="1.0"?>)" + whole, malformed},
    {R"(<?xml version="1.0" encoding="US-ASCII"?><!-- é -->)" + whole, "xml-encoding"},
    {"<? foo?>" + whole, malformed},
    {whole + "<?foo?>", malformed},
    // tags
    {"<layout name = \"a\" platform\n=\"p\"></layout >", ""},
    {R"(<layout name='a' platform='">"'/>)", ""},
    {R"(<layout name="a" platform="&lt;&#65;&amp;"/>)", ""},
    {R"(<layout name="a" platform="a<b"/>)", malformed},
    {R"(<layout name="a"platform="p"/>)", malformed},
    {R"(<layout name="a" platform="p"></layout x="y">)", malformed},
    {R"(<layout name="a" platform="p"></ layout>)", malformed},
    {R"(< layout name="a" platform="p"/>)", malformed},
    {R"(<layout name="a" platform="p"/ >)", malformed},
    {R"(<layout name="a" platform="&#X41;"/>)", "xml-reference"},
    {R"(<layout name="a" platform="p">&#32;</layout>)", "xml-text"},
    {R"(<layout name="a" platform="p"><![CDATA[ ]]></layout>)", "xml-text"},
    {R"(<layout name="a" platform="p" xmlns=""/>)", "attribute-unknown"},
    {R"(<layout name="a" platform="p" xml:lang="en"/>)", "attribute-unknown"}};

Diagnostics findings_of(const std::string& text) {
    Diagnostics findings;
    (void)xml::parse(text, "text", words::layout_rule, findings);
    return findings;
}

TEST(Markup, IsRefusedWithItsRule) {
    for (const Markup& markup : texts) {
        Diagnostics findings = findings_of(markup.text);
        std::string rule = findings.list().empty() ? "" : findings.list().front().rule;
        EXPECT_EQ(rule, markup.rule) << markup.text.substr(0, 100);
    }
}

TEST(Markup, IsJudgedAsXmllintDoes) {
    Files files;
    unsigned good = 0;
    for (const Markup& markup : texts) {
        files["t" + std::to_string(files.size()) + ".xml"] = markup.text;
        good += *markup.rule == 0 ? 1 : 0;
    }
    Agreement agreement = judge(files, words::layout_rule);
    for (const std::string& difference : agreement.differences)
        ADD_FAILURE() << difference.substr(0, 300);
    EXPECT_EQ(agreement.good, good);
    EXPECT_EQ(agreement.excepted, 5u); // NUL, DOCTYPE, xmlns, &#32;, <? behind the element
}

TEST(Markup, IsRefusedInItsLine) {
    EXPECT_EQ(findings_of("<!--\n\n a -- b\n-->\n" + whole).list().at(0).where.line, 3);
    EXPECT_EQ(findings_of("<layout\nname='a'\nplatform='\n<'/>").list().at(0).where.line, 4);
}

} // namespace
} // namespace cloison::test
