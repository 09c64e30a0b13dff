// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run_cloison.hpp"
#include "tests/unit/partitions/layout_text.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

namespace cloison::test {
namespace {

class DiffVerb : public testing::Test {
  protected:
    /// A layout of two partitions, the second with so much memory.
    std::string layout(const std::string& name, u64 memory) {
        PlatformText platform{{0, 1, 2, 3}, {{mib, 1022 * mib}}, {960 * mib, 32 * mib}};
        std::filesystem::create_directories(share_.path() / name);
        return write_layout(share_.path() / name, platform,
                            {{"alpha", 2, {}, 64 * mib}, {"beta", 1, {}, memory}})
            .string();
    }

    TestShare share_;
};

TEST_F(DiffVerb, EndsAsDiffDoes) {
    std::string one = layout("one", 64 * mib), two = layout("two", 66 * mib);
    EXPECT_EQ(run_cloison({"diff", one, one}).status, 0);
    EXPECT_EQ(run_cloison({"diff", one, two}).status, 1);
    EXPECT_EQ(run_cloison({"diff", one}).status, 2);
    EXPECT_EQ(run_cloison({"diff", one, two, two}).status, 2);
    Outcome outcome = run_cloison({"diff", one, (samples() / "cpu-shortage.xml").string()});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find("error[cpu-shortage]"), std::string::npos);
}

TEST_F(DiffVerb, SaysWhatChanges) {
    std::string one = layout("one", 64 * mib), two = layout("two", 64 * mib + 2 * mib);
    std::string out = run_cloison({"diff", one, two}).out;
    EXPECT_NE(out.find("partition beta: memory [restart of beta]\n    64MiB -> 66MiB\n"),
              std::string::npos)
        << out;
}

TEST_F(DiffVerb, PrintsJson) {
    std::string one = layout("one", 64 * mib), two = layout("two", 66 * mib);
    EXPECT_EQ(run_cloison({"diff", "--json", one, one}).out,
              "{\"same\":true,\"needs\":\"nothing\",\"restart\":[],\"changes\":[]}\n");
    std::string out = run_cloison({"diff", "--json", one, two}).out;
    EXPECT_TRUE(out.starts_with("{\"same\":false,\"needs\":\"partitions\",\"restart\":[")) << out;
    EXPECT_NE(out.find("{\"subject\":\"partition beta\",\"what\":\"memory\",\"from\":\"64MiB\","
                       "\"to\":\"66MiB\",\"because\":\"\",\"rule\":\"memory\","),
              std::string::npos)
        << out;
}

} // namespace
} // namespace cloison::test
