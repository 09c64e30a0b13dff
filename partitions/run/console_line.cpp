// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/console_line.hpp"

#include <array>

namespace cloison::run {

bool ConsoleLine::receive(const Consoles::Sink& sink) {
    std::array<char, 64 * kib> buffer;
    auto bytes = line_.read(buffer);
    closed_ = !bytes;
    if (!bytes || bytes->empty())
        return false;
    consoles_.feed(*bytes, sink);
    return true;
}

void ConsoleLine::receive_rest(const Consoles::Sink& sink) {
    while (line_.connected() && !closed_ && receive(sink))
        continue;
}

void ConsoleLine::type(u32 channel, std::string_view keys) {
    for (char key : keys)
        to_send_ += consoles_.encode(channel, key);
}

void ConsoleLine::send() {
    if (!to_send_.empty())
        to_send_.erase(0, line_.write(to_send_));
}

} // namespace cloison::run
