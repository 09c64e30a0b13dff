// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/state/commands.hpp"

#include "ioserver/linux/error.hpp"
#include "ioserver/linux/state/control_socket.hpp"
#include "ioserver/linux/unix_socket.hpp"

#include <array>
#include <cerrno>
#include <iostream>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

namespace cloison::io {

namespace {

/// The terminal of the person, raw for as long as this lives.
class RawTerminal {
  public:
    RawTerminal() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
        termios raw = before_;
        cfmakeraw(&raw);
        if (is_terminal_)
            tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
    ~RawTerminal() {
        if (is_terminal_)
            tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

  private:
    termios before_{};
    bool is_terminal_;
};

void write_all(int fd, const char* bytes, usize size) {
    for (usize done = 0; done < size;) {
        ssize_t length = write(fd, bytes + done, size - done);
        if (length < 0 && errno != EINTR)
            throw system_error("a console cannot be written to", errno);
        done += length > 0 ? static_cast<usize>(length) : 0;
    }
}

/// False at the end.
bool copy(int from, int to) {
    std::array<char, 4096> buffer;
    ssize_t length = read(from, buffer.data(), buffer.size());
    if (length > 0)
        write_all(to, buffer.data(), static_cast<usize>(length));
    return length > 0 || (length < 0 && errno == EINTR);
}

/// Until the server hangs up, as it does when it is asked to leave. The end of the input is none of
/// the console.
void converse(const Descriptor& socket) {
    RawTerminal terminal;
    std::array<pollfd, 2> ends{{{socket.get(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
    while (poll(ends.data(), ends.size(), -1) >= 0 || errno == EINTR) {
        if (ends[0].revents != 0 && !copy(socket.get(), STDOUT_FILENO))
            return;
        if (ends[1].revents != 0 && !copy(STDIN_FILENO, socket.get()))
            ends[1].fd = -1;
    }
}

/// The first line of the answer, without its end.
std::string read_verdict(const Descriptor& socket) {
    std::string line;
    for (char c = 0; read(socket.get(), &c, 1) == 1 && c != '\n';)
        line += c;
    return line;
}

} // namespace

void check_command(std::span<const std::string> words) {
    usize count = words.size();
    const std::string& verb = words.front();
    bool known = (verb == "console" && count <= 2) || (verb == "stat" && count == 1) ||
                 (verb == "link" && count == 3 && (words[2] == "up" || words[2] == "down"));
    if (!known)
        throw UsageError("no such command: " + verb);
    for (const std::string& word : words)
        if (word.find_first_of(" \t\n") != std::string::npos)
            throw UsageError("'" + word + "' is no name");
}

bool run_command(const ServerOptions& options) {
    bool attaches = options.command.front() == "console" && options.command.size() == 2;
    std::string request = options.command.front();
    if (request == "console" && !attaches)
        request = "consoles";
    for (usize i = 1; i < options.command.size(); ++i)
        request += " " + options.command[i];
    Descriptor socket = connect_to(
        control_socket_path(options.state.empty() ? default_state : options.state.c_str()));
    request += "\n";
    write_all(socket.get(), request.data(), request.size());
    std::string verdict = read_verdict(socket);
    if (verdict != "ok") {
        std::cerr << "ioserver: " << (verdict.empty() ? "the server does not answer" : verdict)
                  << "\n";
        return false;
    }
    if (attaches) {
        std::cerr << "[" << options.command[1] << ": Ctrl-] . leaves, Ctrl-] ? helps]\r\n";
        converse(socket);
    } else {
        while (copy(socket.get(), STDOUT_FILENO)) {
        }
    }
    return true;
}

} // namespace cloison::io
