// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/console/line.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace cloison::io {

Line::Line(EventLoop& loop, Concentrator& console, Descriptor descriptor, std::string name,
           std::function<void()> ended)
    : loop_(loop),
      console_(console),
      descriptor_(std::move(descriptor)),
      ended_(std::move(ended)) {
    fcntl(descriptor_.get(), F_SETFL, fcntl(descriptor_.get(), F_GETFL) | O_NONBLOCK);
    watch();
    id_ = console_.join({std::move(name),
                         [this](std::string_view text) { return write_output(text); },
                         [this] { end(); }},
                        true);
}

Line::~Line() {
    console_.leave(id_);
    loop_.forget(descriptor_.get());
}

void Line::watch() {
    u32 events = (input_.empty() ? u32{EPOLLIN} : 0) | (blocked_ ? u32{EPOLLOUT} : 0);
    loop_.watch(descriptor_.get(), events, [this] { on_event(); });
}

void Line::on_event() {
    if (blocked_) {
        blocked_ = false;
        console_.ready(id_);
    }
    read_input();
    if (!ending_)
        watch();
}

void Line::read_input() {
    std::array<char, 512> buffer;
    while (!ending_ && input_.empty()) {
        ssize_t length = read(descriptor_.get(), buffer.data(), buffer.size());
        if (length < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (length <= 0)
            return end();
        input_.assign(buffer.data(), static_cast<usize>(length));
        hand_over();
    }
}

/// False when the guest took less than there is.
bool Line::hand_over() {
    input_.erase(0, console_.type(id_, input_));
    return input_.empty();
}

void Line::resume() {
    if (!ending_ && !input_.empty() && hand_over())
        watch();
}

usize Line::write_output(std::string_view text) {
    ssize_t length = write(descriptor_.get(), text.data(), text.size());
    usize taken = length > 0 ? static_cast<usize>(length) : 0;
    if (taken < text.size() && !blocked_ && !ending_) {
        blocked_ = true;
        watch();
    }
    return taken;
}

/// Later, since whoever calls this is in the middle of something.
void Line::end() {
    if (ending_)
        return;
    ending_ = true;
    loop_.forget(descriptor_.get());
    loop_.later(ended_);
}

} // namespace cloison::io
