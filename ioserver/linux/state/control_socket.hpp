// SPDX-License-Identifier: Apache-2.0
// The socket where commands come: one line each, answered by "ok" or "error" and a reason, then
// what was asked for. A console stays connected.
//
//     consoles              names
//     console NAME          what is typed and shown from then on
//     stat                  see Administered
//     link NAME up|down
#pragma once

#include "ioserver/linux/console/line.hpp"
#include "ioserver/linux/state/administered.hpp"

#include <list>
#include <memory>

namespace cloison::io {

/// Where it is in the folder of a server's state.
[[nodiscard]] std::string control_socket_path(const std::string& folder);

class ControlSocket {
  public:
    /// Makes the folder where it is not there. Throws ServerError.
    ControlSocket(EventLoop& loop, const std::string& folder, Administered& server);
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

    /// Some guest takes input again.
    void resume();

  private:
    struct Conversation {
        Descriptor socket;
        std::string request;
        std::unique_ptr<Line> line; // has the socket
    };
    using Place = std::list<Conversation>::iterator;

    void on_connection();
    void on_request(Place place);
    void answer(Place place);
    void attach(Place place, const std::string& name);
    void end(Place place);

    EventLoop& loop_;
    Administered& server_;
    std::string path_;
    Descriptor socket_;
    std::list<Conversation> conversations_;
    u32 count_ = 0;
};

} // namespace cloison::io
