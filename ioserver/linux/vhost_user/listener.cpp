// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/vhost_user/listener.hpp"

#include "ioserver/linux/unix_socket.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cloison::io::vhost_user {

Listener::Listener(EventLoop& loop, DeviceServer& device, const std::string& path, bool poll)
    : loop_(loop),
      device_(device),
      path_(path),
      poll_(poll),
      socket_(listen_at(path)) {
    expect_front_end();
}

Listener::~Listener() {
    session_.reset();
    loop_.forget(socket_.get());
    unlink(path_.c_str());
}

void Listener::expect_front_end() {
    loop_.watch(socket_.get(), EPOLLIN, [this] { on_front_end(); });
}

void Listener::on_front_end() {
    Descriptor accepted(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!accepted)
        return;
    loop_.forget(socket_.get()); // others wait in line
    session_ = std::make_unique<Session>(loop_, device_, std::move(accepted), path_, poll_, [this] {
        session_.reset();
        expect_front_end();
    });
}

} // namespace cloison::io::vhost_user
