// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/view.hpp"

#include <gtest/gtest.h>
#include <sstream>

namespace cloison::run {

namespace {

std::vector<Expectation> two() {
    std::vector<Expectation> list(2);
    list[0].name = "alpha", list[0].channel = 1;
    list[1].name = "be", list[1].channel = 0; // without a console
    return list;
}

struct ViewTest : ::testing::Test {
    std::ostringstream out;
    std::vector<ConsoleName> served{{served_channels + 1, "be.0"}};
    View view(ViewMode mode) { return {out, mode, two(), served, 40}; }
};

TEST_F(ViewTest, ALineForEachEvent) {
    View v = view(ViewMode::events);
    v.show({"alpha", "init", 1234567});
    v.show({"be", "powered on", {}});
    v.show_text(1, "not shown\n");
    EXPECT_EQ(out.str(), "alpha     init (tick 1,234,567)\n"
                         "be        powered on\n");
}

TEST_F(ViewTest, RedrawKeepsARowForEach) {
    View v = view(ViewMode::redraw);
    v.show({"alpha", "init", {}});
    EXPECT_EQ(out.str(),
              "firmware  waiting\x1B[K\nalpha     init\x1B[K\nbe        waiting\x1B[K\n");
    out.str("");
    v.show({"be", "powered on", {}});
    EXPECT_EQ(out.str(),
              "\x1B[3A"
              "firmware  waiting\x1B[K\nalpha     init\x1B[K\nbe        powered on\x1B[K\n");
}

TEST_F(ViewTest, RowsDoNotWrap) {
    View v = view(ViewMode::redraw);
    v.show({"alpha", std::string(100, 'x'), {}});
    EXPECT_NE(out.str().find("\nalpha     " + std::string(29, 'x') + "\x1B[K\n"),
              std::string::npos);
}

TEST_F(ViewTest, FullShowsTextBehindNames) {
    View v = view(ViewMode::full);
    v.show_text(0, "@entry\r\n");
    v.show_text(1, "one\r\ntw");
    v.show_text(1, "o\r\n");
    v.show_text(served_channels + 1, "served\n");
    v.show_text(9, "nobody\n");
    EXPECT_EQ(out.str(), "firmware| @entry\nalpha   | one\nalpha   | two\nbe.0    | served\n");
}

TEST_F(ViewTest, GuestsDoNotSteerTheTerminal) {
    View v = view(ViewMode::full);
    v.show_text(1, "\x1B[2Jx\ty\x7F\n");
    EXPECT_EQ(out.str(), "alpha   | ?[2Jx\ty?\n");
}

TEST_F(ViewTest, QuietUntilToldOtherwise) {
    View v = view(ViewMode::quiet);
    v.show({"alpha", "init", {}});
    v.show_text(1, "text\n");
    EXPECT_EQ(out.str(), "");
    v.set_mode(ViewMode::events);
    v.show({"alpha", "init", {}});
    EXPECT_NE(out.str(), "");
}

} // namespace

} // namespace cloison::run
