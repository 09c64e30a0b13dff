// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run_cloison.hpp"
#include "tests/unit/partitions/expectations.hpp"

#include <gtest/gtest.h>

namespace cloison::test {
namespace {

bool says(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

class Schema : public testing::TestWithParam<const char*> {};

TEST_P(Schema, IsPrintedAsItIsKept) {
    Outcome outcome = run_cloison({"schema", GetParam()});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    std::string kept = std::string(CLOISON_SOURCE "/configs/schema/") + GetParam() + ".xsd";
    EXPECT_EQ(outcome.out, read_text(kept));
}

TEST_P(Schema, IsPrintedAsTables) {
    Outcome outcome = run_cloison({"schema", "--markdown", GetParam()});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_TRUE(outcome.out.starts_with("### `<" + std::string(GetParam()) + ">`\n"))
        << outcome.out;
}

INSTANTIATE_TEST_SUITE_P(Kinds, Schema, testing::Values("layout", "platform", "platform-part"),
                         [](const auto& kind) {
                             std::string name = kind.param;
                             return name.substr(name.find('-') + 1);
                         });

TEST(SchemaVerb, ExplainsItself) {
    for (const auto& words : {std::vector<std::string>{"schema", "--help"},
                              std::vector<std::string>{"help", "schema"}}) {
        Outcome outcome = run_cloison(words);
        EXPECT_EQ(outcome.status, 0);
        EXPECT_TRUE(says(outcome.out, "Usage: cloison schema")) << outcome.out;
        EXPECT_TRUE(says(outcome.out, "Exit status:"));
    }
}

TEST(SchemaVerb, WantsOneKindThatThereIs) {
    Outcome outcome = run_cloison({"schema", "layuot"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(says(outcome.err, "did you mean 'layout'?")) << outcome.err;
    EXPECT_EQ(run_cloison({"schema"}).status, 2);
    EXPECT_EQ(run_cloison({"schema", "layout", "platform"}).status, 2);
    EXPECT_EQ(run_cloison({"schema", "--no-such-option"}).status, 2);
}

TEST(Purpose, HasAShortOptionThatACommentMayHold) { // XML comments hold no "--"
    Outcome outcome = run_cloison({"check", "-f", "model", "configs/layouts/none.xml"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(says(outcome.err, "file-missing")) << outcome.err;
}

} // namespace
} // namespace cloison::test
