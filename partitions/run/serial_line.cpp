// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/serial_line.hpp"

#include "partitions/run/error.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cloison::run {

void Descriptor::reset(int value) {
    if (value_ >= 0)
        close(value_);
    value_ = value;
}

SerialLine SerialLine::fifo(const std::filesystem::path& path) {
    SerialLine line;
    unlink(path.c_str()); // of an earlier run in the same folder
    if (mkfifo(path.c_str(), 0600) != 0)
        throw system_error("cannot make " + path.string());
    // Not waiting for the writer; reads must not wait either.
    line.line_.reset(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (line.line_.get() < 0)
        throw system_error("cannot open " + path.string());
    line.bochs_option_ = "mode=file, dev=\"" + path.string() + "\"";
    return line;
}

SerialLine SerialLine::socket() {
    SerialLine line;
    line.has_input_ = true;
    line.listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK); // any free port
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (line.listener_.get() < 0 || bind(line.listener_.get(), generic, size) != 0 ||
        listen(line.listener_.get(), 1) != 0 ||
        getsockname(line.listener_.get(), generic, &size) != 0)
        throw system_error("cannot listen on the loopback");
    line.bochs_option_ =
        "mode=socket-client, dev=127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    return line;
}

SerialLine SerialLine::pair() {
    SerialLine line;
    line.has_input_ = true;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw system_error("cannot make a socket pair");
    line.line_.reset(ends[0]);
    line.far_end_.reset(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK); // our end only: the far end waits, and loses nothing
    return line;
}

int SerialLine::descriptor() const {
    return connected() ? line_.get() : listener_.get();
}

std::optional<std::string_view> SerialLine::read(std::span<char> buffer) {
    if (!connected()) {
        line_.reset(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (connected())
            listener_.reset(); // one machine, one line
        return std::string_view{};
    }
    ssize_t size = ::read(line_.get(), buffer.data(), buffer.size());
    if (size > 0)
        return std::string_view(buffer.data(), static_cast<std::size_t>(size));
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return std::string_view{};
    return std::nullopt;
}

std::size_t SerialLine::write(std::string_view bytes) {
    if (!connected() || !has_input_)
        return 0;
    ssize_t size = send(line_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return size > 0 ? static_cast<std::size_t>(size) : 0;
}

} // namespace cloison::run
