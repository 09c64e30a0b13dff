// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/vhost_user/connection.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>

namespace cloison::io::vhost_user {

namespace {

/// Room for as many descriptors as a message may carry: one for each memory region.
using Control = std::array<u8, CMSG_SPACE(sizeof(int) * max_memory_regions)>;

std::vector<Descriptor> take_descriptors(msghdr& message) {
    std::vector<Descriptor> descriptors;
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        usize count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (usize i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            descriptors.emplace_back(fd);
        }
    }
    return descriptors;
}

} // namespace

Descriptor Message::take_descriptor() {
    if (descriptors.size() > 1)
        throw ProtocolError("more than one descriptor with a message");
    return descriptors.empty() ? Descriptor() : std::move(descriptors.front());
}

bool Connection::receive_header(Header& header, std::vector<Descriptor>& descriptors) {
    alignas(cmsghdr) Control control{};
    iovec piece{&header, sizeof header};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t length = 0;
    do
        length = recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    while (length < 0 && errno == EINTR);
    if (length == 0 || (length < 0 && errno == ECONNRESET))
        return false;
    descriptors = take_descriptors(message);
    if (length != sizeof header || (message.msg_flags & MSG_CTRUNC) != 0)
        throw ProtocolError("half a message");
    return true;
}

std::optional<Message> Connection::receive() {
    Header header{};
    Message message;
    if (!receive_header(header, message.descriptors))
        return std::nullopt;
    if ((header.flags & flag_version_mask) != flag_version || (header.flags & flag_reply) != 0)
        throw ProtocolError("not a request of version 1");
    if (header.size > sizeof message.payload)
        throw ProtocolError("a message is too long");
    if (header.size > 0 &&
        recv(socket_.get(), &message.payload, header.size, MSG_WAITALL) != ssize_t{header.size})
        throw ProtocolError("half a message");
    message.request = static_cast<RequestId>(header.request);
    message.need_reply = (header.flags & flag_need_reply) != 0;
    message.size = header.size;
    return message;
}

void Connection::reply(RequestId request, const void* payload, usize size, int descriptor) {
    Header header{static_cast<u32>(request), flag_version | flag_reply, static_cast<u32>(size)};
    iovec pieces[] = {{&header, sizeof header}, {const_cast<void*>(payload), size}};
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = 2;
    alignas(cmsghdr) Control control{};
    if (descriptor >= 0) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(sizeof descriptor);
        cmsghdr* part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(part), &descriptor, sizeof descriptor);
    }
    auto wanted = static_cast<ssize_t>(sizeof header + size);
    if (sendmsg(socket_.get(), &message, MSG_NOSIGNAL) != wanted)
        throw ProtocolError("a reply cannot be sent");
}

} // namespace cloison::io::vhost_user
