// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/child.hpp"

#include "partitions/run/error.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cloison::run {

namespace {

std::vector<char*> pointers(std::vector<std::string>& arguments) {
    std::vector<char*> list;
    list.reserve(arguments.size() + 1);
    for (std::string& argument : arguments)
        list.push_back(argument.data());
    list.push_back(nullptr);
    return list;
}

// In the child: dies with the parent (PR_SET_PDEATHSIG), even where the parent died before the
// request was made, and has none of its signals blocked.
void tie_to_parent(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    signal(SIGPIPE, SIG_DFL);
}

[[noreturn]] void become(std::vector<char*> arguments) {
    execvp(arguments[0], arguments.data());
    _exit(127);
}

void use_descriptors(int input_output, int error) {
    dup2(input_output, STDIN_FILENO);
    dup2(input_output, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
}

} // namespace

ChildProcess::ChildProcess(const ChildCommand& command) {
    std::vector<std::string> words = command.arguments;
    std::vector<char*> arguments = pointers(words);
    std::string folder = command.folder.string();
    pid_t parent = getpid();
    if (command.terminal == ChildTerminal::pseudo) {
        winsize size{.ws_row = 25, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
        pid_ = forkpty(&terminal_, nullptr, nullptr, &size); // makes a session
    } else {
        pid_ = fork();
    }
    if (pid_ < 0)
        throw system_error("cannot start " + command.arguments[0]);
    if (pid_ == 0) {
        tie_to_parent(parent);
        if (command.terminal == ChildTerminal::none) {
            setsid();
            use_descriptors(command.descriptor, open("/dev/null", O_WRONLY));
        }
        setenv("TERM", "vt100", 1); // plain, and in every terminfo database
        if (chdir(folder.c_str()) != 0)
            _exit(127);
        become(std::move(arguments));
    }
    if (terminal_ >= 0)
        fcntl(terminal_, F_SETFD, FD_CLOEXEC);
}

ChildProcess::~ChildProcess() {
    kill();
    if (terminal_ >= 0)
        close(terminal_);
}

void ChildProcess::drain() {
    char sink[4096];
    if (read(terminal_, sink, sizeof sink) > 0)
        return;
    close(terminal_); // EIO: the far end is closed
    terminal_ = -1;
}

bool ChildProcess::running() {
    if (status_)
        return false;
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) != pid_)
        return true;
    status_ = status;
    return false;
}

std::string ChildProcess::ending() const {
    if (!status_)
        return "still running";
    if (WIFSIGNALED(*status_))
        return "killed by signal " + std::to_string(WTERMSIG(*status_));
    int status = WEXITSTATUS(*status_);
    return "exit status " + std::to_string(status) + (status == 127 ? ": not installed?" : "");
}

void ChildProcess::kill() {
    if (!running())
        return;
    ::kill(-pid_, SIGKILL); // its process group: session and group have its number
    ::kill(pid_, SIGKILL);  // where it has not come to make them
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR)
        continue;
    status_ = status;
}

bool run_program(const std::vector<std::string>& arguments, const std::filesystem::path& output) {
    std::vector<std::string> words = arguments;
    std::vector<char*> list = pointers(words);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        throw system_error("cannot start " + arguments[0]);
    if (pid == 0) {
        tie_to_parent(parent);
        int log = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
        use_descriptors(log, log);
        become(std::move(list));
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace cloison::run
