// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/json.hpp"
#include "partitions/command/table.hpp"

#include <gtest/gtest.h>

namespace cloison::command {
namespace {

TEST(Json, EscapesWhatMustNotStandInAString) {
    EXPECT_EQ(json::string("plain ä"), "\"plain ä\"");
    EXPECT_EQ(json::string("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(json::string(std::string_view("\n\x1f\0", 3)), "\"\\u000a\\u001f\\u0000\"");
}

TEST(Json, JoinsMembersAndElements) {
    EXPECT_EQ(json::object({}), "{}");
    EXPECT_EQ(json::array({}), "[]");
    EXPECT_EQ(json::object({{"a", json::number(1)},
                            {"b", json::array({json::boolean(true), json::boolean(false)})}}),
              "{\"a\":1,\"b\":[true,false]}");
}

TEST(Json, TellsAllOfAFinding) {
    Diagnostics findings;
    findings.warning({"a.xml", 3, 5}, "rule", "message", "remedy");
    EXPECT_EQ(json::findings(findings),
              "[{\"file\":\"a.xml\",\"line\":3,\"column\":5,\"severity\":\"warning\","
              "\"rule\":\"rule\",\"message\":\"message\",\"remedy\":\"remedy\"}]");
}

TEST(Table, AlignsColumns) {
    Table table({"NAME", "SIZE"});
    table.row({"alpha", "1"});
    table.row({"", "22"});
    EXPECT_EQ(table.text(), "NAME   SIZE\nalpha  1\n       22\n");
}

TEST(Table, WrapsTheLastColumn) {
    Table table({"NAME", "TEXT"});
    table.row({"alpha", std::string(40, 'x') + " " + std::string(40, 'y')});
    EXPECT_EQ(table.text(), "NAME   TEXT\nalpha  " + std::string(40, 'x') + "\n       " +
                                std::string(40, 'y') + "\n");
}

TEST(Wrap, BreaksAtSpacesOnly) {
    EXPECT_EQ(wrap("a b c", 3), (std::vector<std::string>{"a b", "c"}));
    EXPECT_EQ(wrap("abcdef gh", 3), (std::vector<std::string>{"abcdef", "gh"}));
    EXPECT_EQ(wrap("", 3), (std::vector<std::string>{""}));
}

TEST(Ranges, AreListedAsPeopleDo) {
    EXPECT_EQ(list_ranges({}), "");
    EXPECT_EQ(list_ranges({5}), "5");
    EXPECT_EQ(list_ranges({3, 0, 1, 2, 7, 9, 8, 11}), "0-3 7-9 11");
}

} // namespace
} // namespace cloison::command
