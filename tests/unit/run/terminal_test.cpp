// SPDX-License-Identifier: Apache-2.0
// The user's terminal, played by a pseudo-terminal on standard input, is always given back.
#include "partitions/run/terminal.hpp"

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

namespace cloison::run {

namespace {

struct TerminalTest : ::testing::Test {
    int saved_input = dup(STDIN_FILENO);
    int keyboard = -1;

    void SetUp() override {
        int terminal = -1;
        ASSERT_EQ(openpty(&keyboard, &terminal, nullptr, nullptr, nullptr), 0);
        dup2(terminal, STDIN_FILENO);
        close(terminal);
    }
    void TearDown() override {
        dup2(saved_input, STDIN_FILENO);
        close(saved_input);
        close(keyboard);
    }
    void type(std::string_view keys) {
        ASSERT_EQ(write(keyboard, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
    }
};

tcflag_t local_flags() {
    termios now{};
    tcgetattr(STDIN_FILENO, &now);
    return now.c_lflag;
}

TEST_F(TerminalTest, IsRawWhileAttached) {
    tcflag_t before = local_flags();
    ASSERT_NE(before & (ICANON | ISIG | ECHO), 0u);
    {
        AttachedTerminal terminal;
        EXPECT_EQ(local_flags() & (ICANON | ISIG | ECHO), 0u);
        EXPECT_EQ(terminal.descriptor(), STDIN_FILENO);
        type("a\x03"); // Ctrl-C is the guest's
        EXPECT_EQ(terminal.read(), "a\x03");
        EXPECT_TRUE(terminal.attached());
    }
    EXPECT_EQ(local_flags(), before);
}

TEST_F(TerminalTest, TheDetachKeyGivesItBack) {
    tcflag_t before = local_flags();
    AttachedTerminal terminal;
    type("ab\x1D"
         "cd");
    EXPECT_EQ(terminal.read(), "ab");
    EXPECT_FALSE(terminal.attached());
    EXPECT_EQ(terminal.descriptor(), -1);
    EXPECT_EQ(local_flags(), before);
}

TEST_F(TerminalTest, InputFromAPipeEndsAndHasNoDetachKey) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    AttachedTerminal terminal;
    ASSERT_EQ(write(ends[1], "a\x1D", 2), 2);
    close(ends[1]);
    EXPECT_EQ(terminal.read(), "a\x1D");
    EXPECT_EQ(terminal.read(), "");
    EXPECT_EQ(terminal.descriptor(), -1); // nothing more to poll for
    EXPECT_TRUE(terminal.attached());     // the console is still shown
}

} // namespace

} // namespace cloison::run
