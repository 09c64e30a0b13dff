// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/events.hpp"

#include <gtest/gtest.h>

namespace cloison::run {

namespace {

TEST(Events, NameAndFields) {
    auto event = parse_event("@started name=alpha tsc=123 scrub=4 load=5");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->name, "started");
    EXPECT_EQ(event->text("name"), "alpha");
    EXPECT_EQ(event->number("tsc"), 123u);
    EXPECT_EQ(event->number("load"), 5u);
    EXPECT_EQ(event->text("absent"), "");
    EXPECT_FALSE(event->number("absent"));
}

TEST(Events, LinesForPeopleAreNone) {
    EXPECT_FALSE(parse_event(""));
    EXPECT_FALSE(parse_event("cloison: @entry"));
    EXPECT_FALSE(parse_event(" @entry"));
}

TEST(Events, WithoutFields) {
    auto event = parse_event("@halt");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->name, "halt");
    EXPECT_TRUE(event->fields.empty());
}

TEST(Events, GuestsSpeakUnderTheirOwnName) {
    auto event = parse_event("@guest init tsc=7");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->name, "guest init");
    EXPECT_EQ(event->number("tsc"), 7u);
}

TEST(Events, CommandLineReachesToTheEnd) {
    auto event = parse_event("@guest report cpus=2 cmdline=console=ttyS0 a=b  c ");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->number("cpus"), 2u);
    EXPECT_EQ(event->text("cmdline"), "console=ttyS0 a=b  c ");
    EXPECT_EQ(parse_event("@guest report cmdline=")->text("cmdline"), "");
}

TEST(Events, NumbersAreWholeOrNone) {
    auto event = parse_event("@x a=12z b= c=-1 d=99999999999999999999 e=18446744073709551615");
    ASSERT_TRUE(event);
    for (const char* key : {"a", "b", "c", "d"})
        EXPECT_FALSE(event->number(key)) << key;
    EXPECT_EQ(event->number("e"), ~u64{0});
}

std::vector<std::string> split(std::initializer_list<std::string_view> pieces) {
    LineSplitter splitter;
    std::vector<std::string> lines;
    for (std::string_view piece : pieces)
        splitter.feed(piece, [&](std::string_view line) { lines.emplace_back(line); });
    return lines;
}

TEST(Lines, PiecesBecomeLines) {
    EXPECT_EQ(split({"a", "b\r", "\nc\n", "\n", "rest"}),
              (std::vector<std::string>{"ab", "c", ""}));
    EXPECT_EQ(split({"a\rb\r\r\n"}), (std::vector<std::string>{"a\rb"}));
    EXPECT_EQ(split({"\r", "\r@entry\r\n\r\n"}), (std::vector<std::string>{"@entry", ""}));
}

TEST(Lines, AnEndlessLineTakesLittleMemory) {
    std::string much(1 << 20, 'x');
    auto lines = split({much, "\nnext\n"});
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_LE(lines[0].size(), 16u * 1024);
    EXPECT_EQ(lines[1], "next");
}

} // namespace

} // namespace cloison::run
