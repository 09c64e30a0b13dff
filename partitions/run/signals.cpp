// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/signals.hpp"

#include "partitions/run/error.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

namespace cloison::run {

Signals::Signals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD})
        sigaddset(&wanted, number);
    sigprocmask(SIG_BLOCK, &wanted, &before_);
    signal(SIGPIPE, SIG_IGN); // a reader of our output that goes away shows as a failed write
    descriptor_.reset(signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
    if (descriptor_.get() < 0)
        throw system_error("cannot receive signals");
}

Signals::~Signals() {
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> Signals::take() {
    std::optional<int> ending;
    for (signalfd_siginfo info; read(descriptor_.get(), &info, sizeof info) == sizeof info;)
        if (info.ssi_signo != SIGCHLD) // that one only wakes us
            ending = static_cast<int>(info.ssi_signo);
    return ending;
}

} // namespace cloison::run
