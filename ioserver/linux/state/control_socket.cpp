// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/state/control_socket.hpp"

#include "ioserver/linux/error.hpp"
#include "ioserver/linux/unix_socket.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <sstream>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cloison::io {

namespace {

constexpr usize longest_request = 256;

/// A folder of the owner's alone: who reaches the socket has the guests' consoles.
const std::string& made(const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (fs::create_directories(folder, error))
        fs::permissions(folder, fs::perms::owner_all, error);
    if (error)
        throw system_error(folder, error.value());
    return folder;
}

/// As much as the socket takes: whoever does not read misses the rest.
void reply(const Descriptor& socket, const std::string& text) {
    static_cast<void>(!send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

} // namespace

std::string control_socket_path(const std::string& folder) {
    return folder + "/socket";
}

ControlSocket::ControlSocket(EventLoop& loop, const std::string& folder, Administered& server)
    : loop_(loop),
      server_(server),
      path_(control_socket_path(made(folder))),
      socket_(listen_at(path_)) {
    loop_.watch(socket_.get(), EPOLLIN, [this] { on_connection(); });
}

ControlSocket::~ControlSocket() {
    for (const Conversation& conversation : conversations_)
        loop_.forget(conversation.socket.get());
    loop_.forget(socket_.get());
    unlink(path_.c_str());
}

void ControlSocket::resume() {
    for (const Conversation& conversation : conversations_)
        if (conversation.line)
            conversation.line->resume();
}

void ControlSocket::on_connection() {
    Descriptor accepted(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!accepted)
        return;
    Place place = conversations_.insert(conversations_.end(), {std::move(accepted), {}, nullptr});
    loop_.watch(place->socket.get(), EPOLLIN, [this, place] { on_request(place); });
}

void ControlSocket::on_request(Place place) {
    std::array<char, longest_request> buffer;
    ssize_t length = read(place->socket.get(), buffer.data(), buffer.size());
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0)
        return end(place);
    place->request.append(buffer.data(), static_cast<usize>(length));
    if (place->request.find('\n') != std::string::npos)
        answer(place);
    else if (place->request.size() > longest_request)
        end(place);
}

void ControlSocket::answer(Place place) {
    std::istringstream words(place->request.substr(0, place->request.find('\n')));
    std::string verb, name, state;
    words >> verb >> name >> state;
    if (verb == "console")
        return attach(place, name);
    std::string text = "error no such request\n";
    if (verb == "consoles") {
        text = "ok\n";
        for (const std::string& console : server_.console_names())
            text += console + "\n";
    } else if (verb == "stat") {
        text = "ok\n" + server_.statistics();
    } else if (verb == "link" && (state == "up" || state == "down")) {
        text = server_.set_link(name, state == "up")
                   ? "ok\n"
                   : "error no network device is called '" + name + "'\n";
    }
    reply(place->socket, text);
    end(place);
}

void ControlSocket::attach(Place place, const std::string& name) {
    Concentrator* console = server_.find_console(name);
    if (console == nullptr) {
        reply(place->socket, "error no console is called '" + name + "'\n");
        return end(place);
    }
    reply(place->socket, "ok\n");
    loop_.forget(place->socket.get());
    place->line =
        std::make_unique<Line>(loop_, *console, std::move(place->socket),
                               "shell " + std::to_string(++count_), [this, place] { end(place); });
}

void ControlSocket::end(Place place) {
    loop_.forget(place->socket.get());
    conversations_.erase(place);
}

} // namespace cloison::io
