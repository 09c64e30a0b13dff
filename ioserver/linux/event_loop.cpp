// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/event_loop.hpp"

#include "ioserver/linux/error.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace cloison::io {

namespace {

/// Rounds of polling between two looks at descriptors, which cost a system call.
constexpr u32 polls_per_turn = 64;

Descriptor make_signal_descriptor(const std::map<int, EventLoop::Action>& wanted) {
    sigset_t set;
    sigemptyset(&set);
    for (const auto& [signal, action] : wanted)
        sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    Descriptor signals(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals)
        throw system_error("no signalfd", errno);
    return signals;
}

/// Whether who polls keeps the only CPU from everyone else.
bool only_one_cpu() {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    return sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) == 1;
}

} // namespace

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_)
        throw system_error("no epoll", errno);
    for (int signal : {SIGINT, SIGTERM})
        on_signal(signal, [this] { stop(); });
}

void EventLoop::watch(int fd, u32 events, Action action) {
    epoll_event event{.events = events, .data = {.fd = fd}};
    int operation = actions_.contains(fd) ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(epoll_.get(), operation, fd, &event) != 0)
        throw system_error("a descriptor cannot be watched", errno);
    actions_[fd] = std::make_shared<Action>(std::move(action));
}

void EventLoop::forget(int fd) {
    if (actions_.erase(fd) != 0)
        epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void EventLoop::add_poller(const void* owner, Action action) {
    pollers_[owner] = std::move(action);
}

void EventLoop::remove_poller(const void* owner) {
    pollers_.erase(owner);
}

void EventLoop::dispatch(int fd) {
    auto found = actions_.find(fd);
    if (found == actions_.end()) // forgotten by an action before it
        return;
    std::shared_ptr<Action> action = found->second;
    (*action)();
}

void EventLoop::turn(int milliseconds) {
    std::array<epoll_event, 32> events;
    int count =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), milliseconds);
    if (count < 0 && errno != EINTR)
        throw system_error("epoll", errno);
    for (int i = 0; i < count; ++i)
        dispatch(events[static_cast<usize>(i)].data.fd);
}

void EventLoop::run_later() {
    std::vector<Action> now = std::move(later_);
    later_.clear();
    for (const Action& action : now)
        action();
}

void EventLoop::on_signals(const Descriptor& signals) {
    signalfd_siginfo information{};
    while (read(signals.get(), &information, sizeof information) == ssize_t{sizeof information})
        if (auto found = signals_.find(static_cast<int>(information.ssi_signo));
            found != signals_.end())
            found->second();
}

void EventLoop::run(bool poll) {
    Descriptor signals = make_signal_descriptor(signals_);
    watch(signals.get(), EPOLLIN, [&] { on_signals(signals); });
    bool yields = poll && only_one_cpu();
    stopped_ = false;
    while (!stopped_) {
        bool busy = !later_.empty() || (poll && !pollers_.empty());
        turn(busy ? 0 : -1);
        run_later();
        for (u32 round = 0; poll && round < polls_per_turn; ++round)
            for (const auto& [owner, action] : pollers_)
                action();
        if (yields)
            sched_yield();
    }
    forget(signals.get());
}

} // namespace cloison::io
