// SPDX-License-Identifier: Apache-2.0
// Each sample layout gets exactly the findings that it announces, rule and line.
#include "partitions/compile.hpp"
#include "partitions/rules/registry.hpp"
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace cloison::test {
namespace {

/// Samples about what only models can do yet say so.
Purpose purpose_of(const std::filesystem::path& sample) {
    bool model = read_text(sample).find("<!-- purpose: model -->") != std::string::npos;
    return model ? Purpose::model : Purpose::boot;
}

std::string all_text(const Diagnostics& findings) {
    std::string all;
    for (const Diagnostic& finding : findings.list())
        all += to_text(finding, false);
    return all;
}

class Sample : public testing::TestWithParam<std::string> {
  protected:
    TestShare share_;
};

TEST_P(Sample, GetsTheFindingsThatItAnnounces) {
    std::filesystem::path file = samples() / (GetParam() + ".xml");
    Compilation compilation = compile(file, purpose_of(file));
    EXPECT_EQ(found(compilation.diagnostics, samples()), expectations(file))
        << all_text(compilation.diagnostics);
    EXPECT_EQ(compilation.ok(), compilation.diagnostics.errors() == 0);
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
    std::string name = info.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Layouts, Sample, testing::ValuesIn(sample_names(samples())), test_name);

// The sentences are for people, but these facts must be in them.
struct Sentence {
    const char* sample;
    const char* message;
    const char* remedy;
};

class Finding : public testing::TestWithParam<Sentence> {
  protected:
    TestShare share_;
};

TEST_P(Finding, SaysWhatIsWrongAndWhatToDo) {
    auto file = samples() / (std::string(GetParam().sample) + ".xml");
    auto findings = compile(file, purpose_of(file)).diagnostics;
    auto says = [](const Diagnostic& finding) {
        return finding.message.find(GetParam().message) != std::string::npos &&
               finding.remedy.find(GetParam().remedy) != std::string::npos;
    };
    EXPECT_TRUE(std::any_of(findings.list().begin(), findings.list().end(), says))
        << all_text(findings);
}

INSTANTIATE_TEST_SUITE_P(
    Layouts, Finding,
    testing::Values(
        Sentence{"element-unknown", "unknown element 'procesors'", "did you mean 'processors'?"},
        Sentence{"attribute-unknown", "unknown attribute 'desird'", "did you mean 'desired'?"},
        Sentence{"keyword", "unknown word 'clinet'", "client"},
        Sentence{"units", "'64' has no unit", "KiB, MiB, GiB or TiB"},
        Sentence{"units-decimal", "'MB' is not a unit", "write 64MiB"},
        Sentence{"size-fraction", "not a whole number", "smaller unit"},
        Sentence{"not-yet", "two servers of one partition are not there yet", "one server for all"},
        Sentence{"not-yet", "IOMMU confines are not there yet", "without <iommu/>"},
        Sentence{"not-yet", "shared processors are not there yet", "mode=\"dedicated\""},
        Sentence{"cpu-shortage", "'beta' wants 3 CPUs, 2 of 4 are left", "fewer"},
        Sentence{"cpu-double-use", "first to 'alpha' in line 6", "one virtual CPU"},
        Sentence{"memory-shortage", "'beta' wants 512MiB, 440MiB are left of the 952MiB", "less"},
        Sentence{"name-twice", "second partition called 'alpha'", "name of its own"},
        Sentence{"image-missing-guest", "guests/none/initrd", "scripts/setup.sh fetches"},
        Sentence{"image-missing", "no/such/vmlinuz", "relative to the layout's folder"},
        Sentence{"image-kind", "not a Linux kernel", "bzImage"},
        Sentence{"image-truncated", "truncated", ""},
        Sentence{"image-fit-initrd", "25165824 bytes does not fit the 40MiB of 'alpha'",
                 "more memory"},
        Sentence{"no-partitions", "no partition", "minimal.xml"}));

// Rules that no file alone can break, or none of a size to be kept; other tests break them.
const std::set<std::string_view> without_sample = {
    "file-missing",        "file-unreadable",  "xml-size",        "image-count",    "internal",
    "too-many-partitions", "memory-blocks",    "console-channel", "server-fan-out", "identity-map",
    "firmware-memory",     "firmware-missing", "device-count",    "server-windows", "server-memory",
    "served-count",        "manifest-size"};

TEST(Rules, HaveAFailingSampleEach) {
    std::set<std::string> sampled;
    for (const std::string& name : sample_names(samples()))
        for (const std::string& expected : expectations(samples() / (name + ".xml")))
            sampled.insert(expected.substr(expected.find(' ') + 1));
    for (const RuleGroup& group : rule_groups()) {
        for (const RuleText& rule : group.rules) {
            EXPECT_EQ(sampled.contains(std::string(rule.id)), !without_sample.contains(rule.id))
                << rule.id;
            EXPECT_FALSE(rule.sentence.empty() || rule.remedy.empty()) << rule.id;
        }
    }
}

TEST(Rules, AreInTheRegistryWithTheirSeverity) {
    TestShare share;
    for (const std::string& name : sample_names(samples())) {
        auto file = samples() / (name + ".xml");
        Compilation compilation = compile(file, purpose_of(file));
        for (const Diagnostic& finding : compilation.diagnostics.list()) {
            auto rule = find_rule(finding.rule);
            ASSERT_TRUE(rule) << finding.rule;
            EXPECT_EQ(rule->severity, finding.severity) << finding.rule;
        }
    }
}

TEST(Rules, HaveOneIdEach) {
    auto ids = rule_ids();
    EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST(Compile, SaysWhichFileIsMissing) {
    Compilation compilation = compile("no/such/layout.xml");
    ASSERT_EQ(compilation.diagnostics.errors(), 1u);
    EXPECT_EQ(to_text(compilation.diagnostics.list()[0], false),
              "no/such/layout.xml: error[file-missing]: there is no such file\n");
}

TEST(Compile, RefusesWhatIsNotAFile) {
    EXPECT_EQ(compile("/dev/zero").diagnostics.list().at(0).rule, "file-unreadable");
    EXPECT_EQ(compile(samples()).diagnostics.list().at(0).rule, "file-unreadable");
}

TEST(Compile, WarnsWhenThereIsNoFirmware) {
    TestShare share;
    std::filesystem::remove(share.path() / "firmware.elf");
    Compilation compilation = compile(samples() / "good.xml");
    EXPECT_TRUE(compilation.ok());
    EXPECT_EQ(compilation.diagnostics.list().at(0).rule, "firmware-missing");
}

} // namespace
} // namespace cloison::test
