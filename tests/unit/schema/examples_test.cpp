// SPDX-License-Identifier: Apache-2.0
// The layouts that ship do what their first comments say: they boot, or models can have them. Those
// that are there are tested; a new one needs no line here.
#include "partitions/compile.hpp"
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cloison::test {
namespace {

namespace fs = std::filesystem;

fs::path layouts() {
    return fs::path(CLOISON_SOURCE) / "configs/layouts";
}

std::string errors(const Diagnostics& findings, std::string_view but = {}) {
    std::string text;
    for (const Diagnostic& finding : findings.list())
        if (finding.severity == Severity::error && finding.rule != but)
            text += to_text(finding, false);
    return text;
}

class Example : public testing::TestWithParam<std::string> {
  protected:
    /// Puts small guests where the layout's real ones would be.
    void SetUp() override {
        Diagnostics findings;
        auto layout = read_layout(file_, findings);
        ASSERT_TRUE(layout) << errors(findings);
        for (const LayoutPartition& partition : layout->partitions) {
            provide(partition.boot.kernel, "vmlinuz");
            provide(partition.boot.initrd, "initrd");
        }
    }

    void provide(const std::string& image, const char* with) {
        const std::string prefix = "guest:";
        if (!image.starts_with(prefix))
            return;
        fs::path path = share_.path() / "guests" / image.substr(prefix.size());
        fs::create_directories(path.parent_path());
        fs::copy(share_.guest(with), path, fs::copy_options::skip_existing);
    }

    TestShare share_;
    fs::path file_ = layouts() / (GetParam() + ".xml");
};

TEST_P(Example, BootsOrIsForModelsAsItSays) {
    bool for_models = read_text(file_).find("-f model") != std::string::npos;
    Compilation boot = compile(file_, Purpose::boot);
    EXPECT_EQ(boot.ok(), !for_models);
    EXPECT_EQ(errors(boot.diagnostics, "not-yet"), "");
    Compilation model = compile(file_, Purpose::model);
    EXPECT_TRUE(model.ok());
    EXPECT_EQ(errors(model.diagnostics), "");
}

/// Warnings are for what is known and wanted: the first comment says so.
TEST_P(Example, WarnsOfNothingUnsaid) {
    std::string text = read_text(file_);
    bool announced = text.substr(0, text.find("-->")).find("check warns") != std::string::npos;
    EXPECT_EQ(compile(file_, Purpose::model).diagnostics.warnings() != 0, announced);
}

INSTANTIATE_TEST_SUITE_P(Layouts, Example, testing::ValuesIn(sample_names(layouts())),
                         [](const testing::TestParamInfo<std::string>& example) {
                             std::string name = example.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

} // namespace
} // namespace cloison::test
