// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run_cloison.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <sstream>

namespace cloison::test {
namespace {

bool says(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

class Help : public testing::TestWithParam<const char*> {};

TEST_P(Help, EveryVerbExplainsItself) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{GetParam(), "--help"},
                                                  std::vector<std::string>{"help", GetParam()}}) {
        Outcome outcome = run_cloison(words);
        EXPECT_EQ(outcome.status, 0);
        EXPECT_TRUE(says(outcome.out, std::string("Usage: cloison ") + GetParam())) << outcome.out;
        EXPECT_TRUE(says(outcome.out, "Exit status:"));
    }
    EXPECT_TRUE(says(run_cloison({"help"}).out, std::string("\n  ") + GetParam() + " "));
}

TEST_P(Help, EveryVerbRefusesAnUnknownOption) {
    Outcome outcome = run_cloison({GetParam(), "--no-such-option"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(says(outcome.err, "no-such-option")) << outcome.err;
}

TEST_P(Help, EveryVerbWantsToKnowWhatOf) {
    std::string verb = GetParam();
    if (verb == "platform")
        return; // of this machine
    EXPECT_EQ(run_cloison({verb}).status, 2);
}

constexpr const char* verbs[] = {"check",    "explain", "show",  "diff",      "export",    "schema",
                                 "platform", "boot",    "image", "reference", "completion"};

INSTANTIATE_TEST_SUITE_P(Verbs, Help, testing::ValuesIn(verbs),
                         [](const auto& verb) { return std::string(verb.param); });

TEST(Command, HasNoVerbThatIsNotTested) {
    std::istringstream help(run_cloison({"help"}).out);
    std::string line;
    while (std::getline(help, line) && line != "Verbs:") {
    }
    std::size_t listed = 0;
    while (std::getline(help, line) && !line.empty())
        listed += line.starts_with("  help ") ? 0 : 1;
    EXPECT_EQ(listed, std::size(verbs));
}

TEST(Command, TellsItsVersion) {
    Outcome outcome = run_cloison({"--version"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_TRUE(outcome.out.starts_with("cloison "));
}

TEST(Command, WantsAVerb) {
    EXPECT_EQ(run_cloison({}).status, 2);
    Outcome outcome = run_cloison({"chekc"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_TRUE(says(outcome.err, "did you mean 'check'?")) << outcome.err;
    EXPECT_EQ(run_cloison({"help", "chekc"}).status, 2);
}

TEST(Command, ShowsOneLayoutAtATime) {
    EXPECT_EQ(run_cloison({"show", "a.xml", "b.xml"}).status, 2);
}

} // namespace
} // namespace cloison::test
