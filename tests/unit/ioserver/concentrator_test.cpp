// SPDX-License-Identifier: Apache-2.0
// Many readers and one writer on a console.
#include "ioserver/linux/console/concentrator.hpp"

#include <gtest/gtest.h>

namespace cloison::io {
namespace {

struct Person {
    std::string seen;
    usize room = 100'000;
    bool gone = false;

    Concentrator::Client client(const std::string& name) {
        return {name,
                [this](std::string_view text) {
                    usize taken = std::min(text.size(), room);
                    seen += text.substr(0, taken);
                    room -= taken;
                    return taken;
                },
                [this] { gone = true; }};
    }
};

struct ConcentratorTest : testing::Test {
    std::string typed;
    usize guest_room = 1000;
    Concentrator console{[this](std::string_view text) {
        usize taken = std::min(text.size(), guest_room);
        typed += text.substr(0, taken);
        guest_room -= taken;
        return taken;
    }};
    Person ann, bob;
};

TEST_F(ConcentratorTest, AllReadAndOneWrites) {
    auto a = console.join(ann.client("ann"), true);
    auto b = console.join(bob.client("bob"), true);
    console.output("login: ");
    EXPECT_EQ(ann.seen, "login: ");
    EXPECT_NE(bob.seen.find("read only: ann writes"), std::string::npos);
    EXPECT_TRUE(bob.seen.ends_with("login: "));
    EXPECT_EQ(console.type(a, "root\r"), 5u);
    EXPECT_EQ(console.type(b, "mallory\r"), 8u); // goes nowhere
    EXPECT_EQ(typed, "root\r");
}

TEST_F(ConcentratorTest, WritingIsTakenAndGivenBack) {
    auto a = console.join(ann.client("ann"), true);
    auto b = console.join(bob.client("bob"), true);
    console.type(b, "\x1Dw");
    EXPECT_TRUE(console.is_writer(b));
    EXPECT_NE(ann.seen.find("bob writes"), std::string::npos);
    console.type(b, "b");
    console.type(a, "a");
    EXPECT_EQ(typed, "b");
    console.leave(b); // who wanted to write does
    EXPECT_TRUE(console.is_writer(a));
    console.type(a, "\x1Dr!");
    EXPECT_FALSE(console.is_writer(a));
    EXPECT_EQ(typed, "b");
}

TEST_F(ConcentratorTest, EscapeTwiceIsTheCharacter) {
    auto a = console.join(ann.client("ann"), true);
    console.type(a, "x\x1D\x1Dy\x1D");
    console.type(a, "?z"); // the letter may come later
    EXPECT_EQ(typed, "x\x1Dyz");
    EXPECT_NE(ann.seen.find("ann writes"), std::string::npos);
    console.type(a, "\x1D.");
    EXPECT_TRUE(ann.gone);
}

TEST_F(ConcentratorTest, InputWaitsForTheGuest) {
    auto a = console.join(ann.client("ann"), true);
    guest_room = 3;
    EXPECT_EQ(console.type(a, "hello"), 3u);
    guest_room = 10;
    EXPECT_EQ(console.type(a, "lo"), 2u);
    EXPECT_EQ(typed, "hello");
    guest_room = 0;
    EXPECT_EQ(console.type(a, "\x1D\x1D"), 1u); // the first is remembered
    guest_room = 1;
    EXPECT_EQ(console.type(a, "\x1D"), 1u);
    EXPECT_EQ(typed, "hello\x1D");
}

TEST_F(ConcentratorTest, SlowReadersMissTheOldest) {
    auto a = console.join(ann.client("ann"), false);
    EXPECT_FALSE(console.is_writer(a)); // a log file
    ann.room = 2;
    console.output("abcdef");
    EXPECT_EQ(ann.seen, "ab");
    ann.room = 10;
    console.ready(a);
    EXPECT_EQ(ann.seen, "abcdef");
    ann.room = 0;
    console.output(std::string(2 * Concentrator::history, 'x') + "end");
    ann.room = 100'000;
    console.ready(a);
    EXPECT_EQ(ann.seen.size(), 6 + Concentrator::history);
    EXPECT_TRUE(ann.seen.ends_with("xend"));
}

TEST_F(ConcentratorTest, WhoJoinsSeesWhatWasSaid) {
    console.output("booted\r\n");
    console.join(ann.client("ann"), true);
    EXPECT_EQ(ann.seen, "booted\r\n");
}

} // namespace
} // namespace cloison::io
