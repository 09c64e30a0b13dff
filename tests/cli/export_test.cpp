// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run_cloison.hpp"
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

namespace cloison::test {
namespace {

class Export : public testing::Test {
  protected:
    TestShare share_;
};

TEST_F(Export, WritesALayoutThatCanBeReadFromWhereItIs) {
    std::string file = (share_.path() / "bound.xml").string();
    Outcome outcome = run_cloison({"export", "--bindings", "good.xml", "-o", file}, samples());
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(read_text(file).find("<cpu apic-id=\"0\"/>"), std::string::npos);
    EXPECT_EQ(run_cloison({"check", file}).status, 0);
    Outcome difference = run_cloison({"diff", "good.xml", file}, samples());
    EXPECT_EQ(difference.out, "no difference\n");
    EXPECT_EQ(difference.status, 0);
}

TEST_F(Export, KeepsPathsOnStandardOutput) {
    Outcome outcome = run_cloison({"export", "--bindings", "good.xml"}, samples());
    ASSERT_EQ(outcome.status, 0);
    EXPECT_NE(outcome.out.find("platform=\"platforms/small.xml\""), std::string::npos);
}

TEST_F(Export, WritesNothingOfALayoutWithErrors) {
    std::string file = (share_.path() / "bound.xml").string();
    Outcome outcome =
        run_cloison({"export", "--bindings", "cpu-shortage.xml", "-o", file}, samples());
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find("error[cpu-shortage]"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(Export, SaysWhatMakesNoSense) {
    EXPECT_EQ(run_cloison({"export", "good.xml"}, samples()).status, 2);
    EXPECT_EQ(run_cloison({"export", "--bindings"}, samples()).status, 2);
    Outcome outcome =
        run_cloison({"export", "--bindings", "good.xml", "-o", "/no/such/folder/x"}, samples());
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find("/no/such/folder/x: No such file or directory"), std::string::npos);
}

} // namespace
} // namespace cloison::test
