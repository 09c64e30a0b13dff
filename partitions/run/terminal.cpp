// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/terminal.hpp"

#include <unistd.h>

namespace cloison::run {

AttachedTerminal::AttachedTerminal() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0)
        return;
    termios raw = before_;
    cfmakeraw(&raw);
    raw_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0;
}

AttachedTerminal::~AttachedTerminal() {
    release();
}

void AttachedTerminal::release() {
    if (raw_)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    raw_ = false;
    attached_ = false;
}

int AttachedTerminal::descriptor() const {
    return attached_ && !ended_ ? STDIN_FILENO : -1;
}

std::string AttachedTerminal::read() {
    char keys[256];
    ssize_t size = ::read(STDIN_FILENO, keys, sizeof keys);
    if (size <= 0) {
        ended_ = true;
        return {};
    }
    std::string typed(keys, static_cast<std::size_t>(size));
    auto detach = typed.find(detach_key);
    if (raw_ && detach != std::string::npos) {
        typed.resize(detach);
        release();
    }
    return typed;
}

} // namespace cloison::run
