// SPDX-License-Identifier: Apache-2.0
#include "partitions/rules/registry.hpp"
#include "tests/cli/run_cloison.hpp"
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>

namespace cloison::test {
namespace {

class Check : public testing::Test {
  protected:
    TestShare share_;
};

// --- one case for each sample: its exit status, and each finding on a line of its own ---

class CheckSample : public testing::TestWithParam<std::string> {
  protected:
    TestShare share_;
};

/// True when a line of `text` is `place`, perhaps a column, and `rule`.
bool has_finding(const std::string& text, const std::string& place, const std::string& rule) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(place))
            continue;
        usize end = place.size();
        if (line[end] == ':' && std::isdigit(static_cast<unsigned char>(line[end + 1])) != 0)
            end = line.find_first_not_of("0123456789", end + 1);
        if (line.compare(end, rule.size(), rule) == 0)
            return true;
    }
    return false;
}

TEST_P(CheckSample, SaysWhatAndWhere) {
    std::string file = GetParam() + ".xml";
    bool model = read_text(samples() / file).find("<!-- purpose: model -->") != std::string::npos;
    Outcome outcome = run_cloison({"check", "--for", model ? "model" : "boot", file}, samples());
    usize errors = 0;
    for (const std::string& expected : expectations(samples() / file)) {
        usize space = expected.find(' ');
        std::string place = expected.substr(0, space), rule = expected.substr(space + 1);
        auto known = find_rule(rule);
        ASSERT_TRUE(known) << rule;
        bool warning = known->severity == Severity::warning;
        errors += warning ? 0 : 1;
        EXPECT_TRUE(
            has_finding(outcome.err, place, (warning ? ": warning[" : ": error[") + rule + "]: "))
            << expected << " in\n"
            << outcome.err;
    }
    EXPECT_EQ(outcome.status, errors == 0 ? 0 : 1);
    EXPECT_TRUE(outcome.out.starts_with(
        errors == 0 ? file + ": ok: " : file + ": " + std::to_string(errors) + " error"))
        << outcome.out;
}

INSTANTIATE_TEST_SUITE_P(Samples, CheckSample, testing::ValuesIn(sample_names(samples())),
                         [](const testing::TestParamInfo<std::string>& sample) {
                             std::string name = sample.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

// --- what a person sees ---

TEST_F(Check, PrintsAFindingWithItsRemedy) {
    Outcome outcome = run_cloison({"check", "units.xml"}, samples());
    EXPECT_EQ(outcome.err, "units.xml:6:13: error[units]: desired: '64' has no unit\n"
                           "    remedy: write KiB, MiB, GiB or TiB behind the number\n");
    EXPECT_EQ(outcome.out, "units.xml: 1 error\n");
}

TEST_F(Check, SumsUpAGoodLayout) {
    Outcome outcome = run_cloison({"check", "good.xml"}, samples());
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(outcome.out, "good.xml: ok: 1 partition on small, 1 of 4 CPUs, 64MiB of 952MiB\n");
}

TEST_F(Check, TakesSeveralLayoutsAndFailsForOne) {
    Outcome outcome = run_cloison({"check", "good.xml", "units.xml", "good-split.xml"}, samples());
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 3);
}

TEST_F(Check, PrintsJson) {
    Outcome outcome = run_cloison({"check", "--json", "good.xml", "xml-root.xml"}, samples());
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(
        outcome.out,
        "{\"layouts\":[{\"file\":\"good.xml\",\"ok\":true,\"errors\":0,\"warnings\":0,"
        "\"findings\":[]},{\"file\":\"xml-root.xml\",\"ok\":false,\"errors\":1,\"warnings\":0,"
        "\"findings\":[{\"file\":\"xml-root.xml\",\"line\":3,\"column\":2,\"severity\":\"error\","
        "\"rule\":"
        "\"xml-root\",\"message\":\"the file's element is 'platform', not 'layout'\","
        "\"remedy\":\"\"}]}]}\n");
}

TEST_F(Check, NamesALayoutThatIsNotThere) {
    Outcome outcome = run_cloison({"check", "none.xml"}, samples());
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.err, "none.xml: error[file-missing]: there is no such file\n");
}

TEST_F(Check, UsesColourOnATerminalOnly) {
    std::string sample = (samples() / "units.xml").string();
    unsetenv("NO_COLOR");
    EXPECT_NE(run_on_terminal({"check", sample}).out.find("\x1b[1;31merror[units]"),
              std::string::npos);
    EXPECT_EQ(run_cloison({"check", sample}).err.find('\x1b'), std::string::npos);
    setenv("NO_COLOR", "1", 1);
    EXPECT_EQ(run_on_terminal({"check", sample}).out.find('\x1b'), std::string::npos);
    unsetenv("NO_COLOR");
}

TEST_F(Check, AcceptsTheLayoutsThatShipWhenTheirGuestIsThere) {
    std::filesystem::create_directories(share_.path() / "guests/debian-cloud");
    for (auto [from, to] : {std::pair{"vmlinux", "vmlinux"}, std::pair{"initrd", "initrd.cpio"}})
        std::filesystem::copy(share_.guest(from), share_.path() / "guests/debian-cloud" / to);
    Outcome outcome =
        run_cloison({"check", "configs/layouts/minimal.xml", "configs/layouts/two-linux.xml"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
}

TEST_F(Check, SaysHowToGetTheGuestOfTheLayoutsThatShip) {
    Outcome outcome = run_cloison({"check", "configs/layouts/two-linux.xml"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find("error[image-missing]"), std::string::npos);
    EXPECT_NE(outcome.err.find("remedy: scripts/setup.sh fetches the guests"), std::string::npos);
}

} // namespace
} // namespace cloison::test
