// SPDX-License-Identifier: Apache-2.0
// A vhost-user socket: messages with descriptors in, replies out.
#pragma once

#include "ioserver/linux/descriptor.hpp"
#include "ioserver/linux/vhost_user/protocol.hpp"

#include <optional>
#include <stdexcept>
#include <vector>

namespace cloison::io::vhost_user {

/// The front end said what this back end does not understand, or cannot do: the connection ends.
class ProtocolError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct Message {
    RequestId request{};
    bool need_reply = false;
    u32 size = 0;
    Payload payload{};
    std::vector<Descriptor> descriptors;

    /// Throws ProtocolError where the payload is shorter than a T.
    template <typename T>
    void expect() const {
        if (size < sizeof(T))
            throw ProtocolError("a message is too short");
    }
    /// The one descriptor that came with it, or none. Throws ProtocolError for more.
    [[nodiscard]] Descriptor take_descriptor();
};

class Connection {
  public:
    explicit Connection(Descriptor socket) : socket_(std::move(socket)) {}

    [[nodiscard]] int fd() const { return socket_.get(); }
    /// Waits for the next message whole; nothing when the front end has closed the socket. Throws
    /// ProtocolError.
    [[nodiscard]] std::optional<Message> receive();
    /// Answers `request` with `size` bytes of payload, and a descriptor unless that is -1.
    void reply(RequestId request, const void* payload, usize size, int descriptor = -1);
    void reply(RequestId request, u64 number) { reply(request, &number, sizeof number); }

  private:
    /// False when the socket was closed before the first byte.
    bool receive_header(Header& header, std::vector<Descriptor>& descriptors);

    Descriptor socket_;
};

} // namespace cloison::io::vhost_user
