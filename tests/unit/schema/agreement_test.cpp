// SPDX-License-Identifier: Apache-2.0
// Whatever the parser refuses because of its shape the schema refuses, and nothing else; but for
// the exceptions that the schema's leading comment names.
#include "partitions/platform/words.hpp"
#include "partitions/schema/schema.hpp"
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/test_share.hpp"
#include "tests/unit/schema/changes.hpp"

#include <gtest/gtest.h>

namespace cloison::test {
namespace {

namespace fs = std::filesystem;

const xml::ElementRule* const kinds[] = {&words::layout_rule, &words::platform_rule,
                                         &words::part_rule};

void expect_agreement(const Agreement& agreement) {
    usize shown = 0;
    for (const std::string& difference : agreement.differences) {
        ADD_FAILURE() << difference;
        if (++shown == 5)
            break;
    }
    EXPECT_EQ(agreement.differences.size(), 0u);
}

/// The XML files of a folder, except that platforms and their parts lie in one.
Files files_of(const fs::path& folder, const xml::ElementRule& root) {
    Files files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() != ".xml")
            continue;
        std::string text = read_text(entry.path());
        bool part = text.find("<platform-part") != std::string::npos;
        if (&root == &words::layout_rule || part == (&root == &words::part_rule))
            files[entry.path().filename().string()] = std::move(text);
    }
    return files;
}

TEST(Schemas, AgreeAboutTheSampleLayouts) {
    Agreement agreement = judge(files_of(samples(), words::layout_rule), words::layout_rule);
    expect_agreement(agreement);
    EXPECT_GT(agreement.good, 30u);
    EXPECT_GT(agreement.bad, 20u);
    EXPECT_GT(agreement.excepted, 2u);
}

TEST(Schemas, AgreeAboutTheSamplePlatforms) {
    Agreement agreement =
        judge(files_of(samples() / "platforms", words::platform_rule), words::platform_rule);
    expect_agreement(agreement);
    EXPECT_GT(agreement.good, 20u);
    EXPECT_GT(agreement.bad, 2u);
    agreement = judge(files_of(samples() / "platforms", words::part_rule), words::part_rule);
    expect_agreement(agreement);
    EXPECT_GT(agreement.good, 0u);
}

TEST(Schemas, AcceptWhatShips) {
    for (const xml::ElementRule* root : kinds) {
        const char* folder = root == &words::layout_rule ? "layouts" : "platforms";
        Files files = files_of(fs::path(CLOISON_SOURCE) / "configs" / folder, *root);
        if (files.empty())
            continue;
        Agreement agreement = judge(files, *root);
        expect_agreement(agreement);
        EXPECT_EQ(agreement.good, files.size()) << folder;
    }
}

/// A file of the kind with most of its words in it, and nothing wrong.
Element good_file(const xml::ElementRule& root) {
    bool layout = &root == &words::layout_rule;
    Element good = read_element(
        read_text(samples() / (layout ? "good-everything.xml" : "platforms/server.xml")));
    if (&root != &words::part_rule)
        return good;
    good.name = root.name;
    good.attributes.clear();
    std::erase_if(good.children, [&](const Element& child) {
        return child.name == "firmware" || child.name == "staging" || child.name == "iommu" ||
               child.name == "cache";
    });
    return good;
}

TEST(Schemas, AgreeAboutEachChange) {
    for (const xml::ElementRule* root : {&words::layout_rule, &words::platform_rule}) {
        Agreement agreement = judge(each_change(good_file(*root), *root), *root);
        expect_agreement(agreement);
        EXPECT_GT(agreement.good, 100u);
        EXPECT_GT(agreement.bad, 500u);
        EXPECT_GT(agreement.excepted, 10u);
    }
}

class Mutants : public testing::TestWithParam<const xml::ElementRule*> {};

TEST_P(Mutants, AreJudgedAlike) {
    const xml::ElementRule& root = *GetParam();
    Element good = good_file(root);
    Mutator mutator(19);
    Files files;
    for (u32 i = 0; i < 600; ++i) {
        files["m" + std::to_string(i) + ".xml"] = mutator.mutant(good).print();
        if (i % 4 == 0)
            files["d" + std::to_string(i) + ".xml"] = mutator.damaged(good.print());
    }
    Agreement agreement = judge(files, root);
    expect_agreement(agreement);
    EXPECT_GT(agreement.good, 30u);
    EXPECT_GT(agreement.bad, 300u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Mutants, testing::ValuesIn(kinds), [](const auto& kind) {
    return kind.param == &words::part_rule ? std::string("part") : std::string(kind.param->name);
});

} // namespace
} // namespace cloison::test
