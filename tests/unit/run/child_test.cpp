// SPDX-License-Identifier: Apache-2.0
// No emulator may outlive the command, however the command ends.
#include "partitions/run/child.hpp"

#include "partitions/run/files.hpp"

#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cloison::run {

namespace {

void wait_until_ended(ChildProcess& child) {
    while (child.running()) {
        pollfd wanted{child.terminal(), POLLIN, 0};
        poll(&wanted, 1, 10);
        if (wanted.revents != 0)
            child.drain();
    }
}

std::string shell_ending(const char* script) {
    ChildProcess child({.arguments = {"sh", "-c", script}, .folder = "/"});
    wait_until_ended(child);
    return child.ending();
}

// Waits for the file to hold a number, which is a process's.
pid_t read_pid(const std::filesystem::path& path) {
    for (;;) {
        std::ifstream file(path);
        pid_t pid = 0;
        if (file >> pid && file.get() == '\n')
            return pid;
        usleep(10000);
    }
}

// Gone, or a zombie that somebody else is to reap.
bool is_gone(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, state;
    status >> number >> name >> state;
    return state.empty() || state == "Z" || state == "X";
}

void expect_gone(pid_t pid) {
    for (int tries = 0; tries < 1000 && !is_gone(pid); ++tries)
        usleep(10000);
    EXPECT_TRUE(is_gone(pid));
}

TEST(Child, EndsAreToldInWords) {
    EXPECT_EQ(shell_ending("exit 3"), "exit status 3");
    EXPECT_EQ(shell_ending("kill -TERM $$"), "killed by signal 15");
    ChildProcess missing({.arguments = {"/nonexistent/emulator"}, .folder = "/"});
    wait_until_ended(missing);
    EXPECT_EQ(missing.ending(), "exit status 127: not installed?");
}

TEST(Child, HasATerminalAndItsFolder) {
    EXPECT_EQ(shell_ending("test -t 0 && test -t 1 && test \"$(pwd)\" = /"), "exit status 0");
}

TEST(Child, MuchOutputDoesNotStopIt) {
    EXPECT_EQ(shell_ending("i=0; while [ $i -lt 5000 ]; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; "
                           "i=$((i+1)); done"),
              "exit status 0");
}

TEST(Child, KillTakesItsChildrenToo) {
    RunFolder folder{{}};
    auto pid_file = folder.path() / "pid";
    pid_t grandchild = 0;
    {
        ChildProcess child({.arguments = {"sh", "-c", "sleep 1000 & echo $! > pid; wait"},
                            .folder = folder.path()});
        grandchild = read_pid(pid_file);
        EXPECT_TRUE(child.running());
    } // the destructor kills
    expect_gone(grandchild);
}

// As when somebody sends SIGKILL to the command: no destructor runs.
TEST(Child, DiesWithItsParent) {
    RunFolder folder{{}};
    auto pid_file = folder.path() / "pid";
    pid_t parent = fork();
    ASSERT_GE(parent, 0);
    if (parent == 0) {
        ChildProcess child({.arguments = {"sh", "-c", "echo $$ > pid; exec sleep 1000"},
                            .folder = folder.path(),
                            .terminal = ChildTerminal::none,
                            .descriptor = STDIN_FILENO});
        for (;;)
            pause();
    }
    pid_t emulator = read_pid(pid_file);
    kill(parent, SIGKILL);
    waitpid(parent, nullptr, 0);
    expect_gone(emulator);
}

TEST(Child, ProgramsRunToTheirEnd) {
    RunFolder folder{{}};
    auto log = folder.path() / "log";
    EXPECT_TRUE(run_program({"sh", "-c", "echo fine"}, log));
    EXPECT_FALSE(run_program({"sh", "-c", "echo bad >&2; exit 1"}, log));
    EXPECT_FALSE(run_program({"/nonexistent/program"}, log));
    auto bytes = read_file(log);
    EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "fine\nbad\n");
}

} // namespace

} // namespace cloison::run
