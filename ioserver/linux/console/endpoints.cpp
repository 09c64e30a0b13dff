// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/console/endpoints.hpp"

#include "ioserver/linux/error.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

namespace cloison::io {

PtyEndpoint::PtyEndpoint(EventLoop& loop, Concentrator& console, const std::string& path)
    : path_(path) {
    Descriptor near_end(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    std::array<char, 128> name{};
    if (!near_end || grantpt(near_end.get()) != 0 || unlockpt(near_end.get()) != 0 ||
        ptsname_r(near_end.get(), name.data(), name.size()) != 0)
        throw system_error("no pseudo-terminal", errno);
    far_end_ = Descriptor(open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    termios settings{};
    if (!far_end_ || tcgetattr(far_end_.get(), &settings) != 0)
        throw system_error(name.data(), errno);
    cfmakeraw(&settings); // the guest's terminal driver does what there is to do
    tcsetattr(far_end_.get(), TCSANOW, &settings);
    // A link that an earlier server left is replaced, another file is not.
    std::error_code ignored;
    if (std::filesystem::is_symlink(path, ignored))
        unlink(path.c_str());
    if (symlink(name.data(), path.c_str()) != 0)
        throw system_error(path, errno);
    line_ = std::make_unique<Line>(loop, console, std::move(near_end), path, [] {});
}

PtyEndpoint::~PtyEndpoint() {
    unlink(path_.c_str());
}

TcpEndpoint::TcpEndpoint(EventLoop& loop, Concentrator& console, u16 port)
    : loop_(loop),
      console_(console),
      socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int yes = 1; // a port whose last connection was just closed
    setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (!socket_ ||
        bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(socket_.get(), 8) != 0)
        throw system_error("TCP port " + std::to_string(port), errno);
    loop_.watch(socket_.get(), EPOLLIN, [this] { on_connection(); });
}

TcpEndpoint::~TcpEndpoint() {
    loop_.forget(socket_.get());
}

u16 TcpEndpoint::port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

void TcpEndpoint::on_connection() {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    Descriptor accepted(
        accept4(socket_.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
    if (!accepted)
        return;
    lines_.emplace_back();
    auto place = std::prev(lines_.end());
    *place = std::make_unique<Line>(loop_, console_, std::move(accepted),
                                    "tcp:" + std::to_string(ntohs(peer.sin_port)),
                                    [this, place] { lines_.erase(place); });
}

void TcpEndpoint::resume() {
    for (const std::unique_ptr<Line>& line : lines_)
        line->resume();
}

LogEndpoint::LogEndpoint(Concentrator& console, const std::string& path)
    : console_(console),
      file_(open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640)) {
    if (!file_)
        throw system_error(path, errno);
    id_ = console_.join({path,
                         [this](std::string_view text) {
                             ssize_t length = write(file_.get(), text.data(), text.size());
                             return length > 0 ? static_cast<usize>(length) : usize{0};
                         },
                         [] {}},
                        false);
}

LogEndpoint::~LogEndpoint() {
    console_.leave(id_);
}

} // namespace cloison::io
