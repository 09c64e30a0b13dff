// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/console/mux_line.hpp"

#include "ioserver/linux/error.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <iostream>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

namespace cloison::io {

namespace {

/// Encoded output that may wait here; the consoles keep what is behind it.
constexpr usize most_output = 1024;

Descriptor open_terminal(const std::string& path) {
    Descriptor made(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    termios settings{};
    if (!made || tcgetattr(made.get(), &settings) != 0)
        throw system_error(path, errno);
    cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    cfsetspeed(&settings, B115200);
    if (tcsetattr(made.get(), TCSANOW, &settings) != 0)
        throw system_error(path, errno);
    return made;
}

} // namespace

MuxLine::MuxLine(EventLoop& loop, const std::string& path)
    : loop_(loop),
      path_(path),
      terminal_(open_terminal(path)) {
    watch();
}

MuxLine::~MuxLine() {
    for (const Channel& channel : channels_)
        channel.console->leave(channel.id);
    loop_.forget(terminal_.get());
}

void MuxLine::add(Concentrator& console) {
    if (channels_.size() == max_consoles)
        throw ServerError(path_ + ": more consoles than channels");
    channels_.push_back({&console, 0, {}});
    auto number = static_cast<u32>(channels_.size());
    channels_.back().id = console.join(
        {path_, [this, number](std::string_view text) { return write_output(number, text); },
         [] {}}, // nobody leaves a wire
        true);
}

void MuxLine::watch() {
    if (!gone_)
        loop_.watch(terminal_.get(), EPOLLIN | (output_.empty() ? u32{0} : u32{EPOLLOUT}),
                    [this] { on_event(); });
}

void MuxLine::on_event() {
    read_input();
    send();
    for (usize count = 0; count < channels_.size() && output_.empty(); ++count) {
        next_ = (next_ + 1) % channels_.size();
        channels_[next_].console->ready(channels_[next_].id);
    }
    watch();
}

void MuxLine::read_input() {
    std::array<u8, 512> buffer;
    ssize_t length = read(terminal_.get(), buffer.data(), buffer.size());
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0) {
        say(std::cerr, path_ + ": the line is gone");
        gone_ = true;
        return loop_.forget(terminal_.get());
    }
    for (u8 byte : std::span(buffer).first(static_cast<usize>(length))) {
        auto input = demux_.feed(byte);
        if (input.valid && input.channel >= 1 && input.channel <= channels_.size())
            channels_[input.channel - 1].input += static_cast<char>(input.byte);
    }
    resume();
}

void MuxLine::hand_over(Channel& channel) {
    if (!channel.input.empty())
        channel.input.erase(0, channel.console->type(channel.id, channel.input));
    if (channel.input.size() > most_input)
        channel.input.resize(most_input);
}

void MuxLine::resume() {
    for (Channel& channel : channels_)
        hand_over(channel);
}

usize MuxLine::write_output(u32 channel, std::string_view text) {
    if (gone_)
        return text.size();
    bool was_empty = output_.empty();
    usize taken = 0;
    while (taken < text.size() && output_.size() < most_output) {
        auto sequence = mux_.encode(channel, static_cast<u8>(text[taken++]));
        output_.append(reinterpret_cast<const char*>(sequence.bytes), sequence.count);
        if (taken == text.size() || output_.size() >= most_output)
            send();
    }
    if (was_empty && !output_.empty())
        watch(); // for the rest of this, and for who is turned away meanwhile
    return taken;
}

void MuxLine::send() {
    if (gone_ || output_.empty())
        return;
    ssize_t length = write(terminal_.get(), output_.data(), output_.size());
    if (length > 0)
        output_.erase(0, static_cast<usize>(length));
}

} // namespace cloison::io
