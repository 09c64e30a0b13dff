// SPDX-License-Identifier: Apache-2.0
// One thread that waits for descriptors, or, in poll mode, never waits at all.
#pragma once

#include "ioserver/linux/descriptor.hpp"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace cloison::io {

class EventLoop {
  public:
    using Action = std::function<void()>;

    EventLoop();

    /// Calls `action` whenever one of `events` (EPOLLIN, EPOLLOUT) is there, or the other end is
    /// gone. Watched already, it is changed. Throws ServerError.
    void watch(int fd, u32 events, Action action);
    /// Nothing happens for a descriptor that is not watched. Its action may be running.
    void forget(int fd);

    /// Calls `action` once, after what is waiting now has had its turn.
    void later(Action action) { later_.push_back(std::move(action)); }

    /// In poll mode, called all the time; `owner` names it for remove_poller().
    void add_poller(const void* owner, Action action);
    void remove_poller(const void* owner);

    /// What a signal does while run() runs. SIGINT and SIGTERM stop it, unless something else is
    /// said here.
    void on_signal(int signal, Action action) { signals_[signal] = std::move(action); }

    /// Until stop().
    void run(bool poll);
    void stop() { stopped_ = true; }
    /// One round: what has happened by now, or the first thing to happen within `milliseconds`;
    /// -1: however long it takes.
    void turn(int milliseconds);

  private:
    void on_signals(const Descriptor& signals);
    void dispatch(int fd);
    void run_later();

    Descriptor epoll_;
    std::map<int, std::shared_ptr<Action>> actions_; // shared: an action may forget itself
    std::map<const void*, Action> pollers_;
    std::map<int, Action> signals_;
    std::vector<Action> later_;
    bool stopped_ = false;
};

} // namespace cloison::io
