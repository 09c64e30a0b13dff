// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run_cloison.hpp"
#include "tests/unit/partitions/expectations.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <pty.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace cloison::test {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void execute(const std::vector<std::string>& arguments) {
    std::vector<char*> words{const_cast<char*>("cloison")};
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    execv(CLOISON_COMMAND, words.data());
    _exit(127);
}

int wait_for(pid_t child) {
    int status = 0;
    if (waitpid(child, &status, 0) != child)
        throw std::runtime_error("waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// A fresh file that takes one output of the command.
class Capture {
  public:
    Capture() : path_((fs::temp_directory_path() / "cloison-out-XXXXXX").string()) {
        fd_ = mkstemp(path_.data());
        if (fd_ < 0)
            throw std::runtime_error("cannot make a temporary file");
    }
    ~Capture() {
        close(fd_);
        unlink(path_.c_str());
    }
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] std::string text() const { return read_text(path_); }

  private:
    std::string path_;
    int fd_;
};

} // namespace

Outcome run_cloison(const std::vector<std::string>& arguments, const fs::path& where) {
    Capture out, err;
    pid_t child = fork();
    if (child == 0) {
        if (chdir(where.c_str()) != 0 || dup2(out.fd(), STDOUT_FILENO) < 0 ||
            dup2(err.fd(), STDERR_FILENO) < 0)
            _exit(126);
        execute(arguments);
    }
    int status = wait_for(child);
    return {status, out.text(), err.text()};
}

Outcome run_on_terminal(const std::vector<std::string>& arguments) {
    int terminal = -1;
    pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
    if (child == 0) {
        setenv("TERM", "xterm", 1);
        execute(arguments);
    }
    Outcome outcome;
    std::array<char, 4096> buffer{};
    for (ssize_t size; (size = read(terminal, buffer.data(), buffer.size())) > 0;)
        outcome.out.append(buffer.data(), static_cast<std::size_t>(size));
    close(terminal);
    outcome.status = wait_for(child);
    return outcome;
}

} // namespace cloison::test
