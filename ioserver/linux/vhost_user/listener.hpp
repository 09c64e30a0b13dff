// SPDX-License-Identifier: Apache-2.0
// A socket where front ends come, one at a time, and go: the device stays.
#pragma once

#include "ioserver/linux/vhost_user/session.hpp"

#include <memory>
#include <string>

namespace cloison::io::vhost_user {

class Listener {
  public:
    /// Makes the socket at `path`; one that nobody listens at any more, as after a kill, is
    /// replaced. Throws ServerError.
    Listener(EventLoop& loop, DeviceServer& device, const std::string& path, bool poll);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

  private:
    void expect_front_end();
    void on_front_end();

    EventLoop& loop_;
    DeviceServer& device_;
    std::string path_;
    bool poll_;
    Descriptor socket_;
    std::unique_ptr<Session> session_;
};

} // namespace cloison::io::vhost_user
