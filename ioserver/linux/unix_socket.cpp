// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/unix_socket.hpp"

#include "ioserver/linux/error.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace cloison::io {

namespace {

Descriptor make_socket() {
    Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!made)
        throw system_error("no socket", errno);
    return made;
}

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw ServerError(path + ": too long for a socket");
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

/// Whether the socket at this address is one that a server left behind.
bool abandoned(const sockaddr_un& address) {
    Descriptor probe = make_socket();
    return connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
           errno == ECONNREFUSED;
}

} // namespace

Descriptor listen_at(const std::string& path) {
    sockaddr_un address = address_of(path);
    Descriptor made = make_socket();
    auto attempt = [&] {
        return bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    };
    bool bound = attempt();
    if (!bound && errno == EADDRINUSE && abandoned(address)) {
        unlink(path.c_str());
        bound = attempt();
    }
    if (!bound || listen(made.get(), 8) != 0)
        throw system_error(path, errno);
    return made;
}

Descriptor connect_to(const std::string& path) {
    sockaddr_un address = address_of(path);
    Descriptor made = make_socket();
    if (connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw system_error(path + ": no server", errno);
    return made;
}

} // namespace cloison::io
