// SPDX-License-Identifier: Apache-2.0
// An emulator as a child process that cannot outlive us: it has a session of its own, which ends
// with this object, and the kernel kills it when we die in any other way.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace cloison::run {

/// What a child has for standard input, output and error.
enum class ChildTerminal {
    pseudo, // a pseudo-terminal for all three; drain() must read what it shows
    none,   // the given descriptor for input and output, /dev/null for error
};

struct ChildCommand {
    std::vector<std::string> arguments; // the first is the program, looked up in PATH
    std::filesystem::path folder;       // to run in
    ChildTerminal terminal = ChildTerminal::pseudo;
    int descriptor = -1; // for ChildTerminal::none
};

class ChildProcess {
  public:
    /// Starts it. Throws RunError where there is no process to be had, not where the program is
    /// missing: that shows as exit status 127.
    explicit ChildProcess(const ChildCommand& command);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// The pseudo-terminal's near end, or -1.
    [[nodiscard]] int terminal() const { return terminal_; }
    /// Reads and forgets what the child shows; to be called when terminal() is readable.
    void drain();
    /// True while it runs. Never waits.
    bool running();
    /// In words, how it ended: "exit status 1", "killed by signal 9". Valid when it does not run.
    [[nodiscard]] std::string ending() const;
    /// Kills it and all its children, and waits until it is gone.
    void kill();

  private:
    pid_t pid_ = -1;
    int terminal_ = -1;
    std::optional<int> status_;
};

/// Runs a program to its end, its output going to `output`; true where it exits with status 0.
/// It dies with us as well.
bool run_program(const std::vector<std::string>& arguments, const std::filesystem::path& output);

} // namespace cloison::run
