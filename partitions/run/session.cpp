// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/session.hpp"

#include "partitions/run/error.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace cloison::run {

namespace {
// After a panic or the last partition's end: for the rest of the trace, or for "@halt".
constexpr std::chrono::seconds time_for_last_words{3};
} // namespace

Session::Session(const ChildCommand& command, std::vector<ConsoleLine> lines, Signals& signals,
                 Tracker& tracker, View& view, const SessionLimits& limits)
    : lines_(std::move(lines)),
      ready_(lines_.size()),
      child_(command),
      signals_(signals),
      tracker_(tracker),
      view_(view),
      limits_(limits) {
    for (ConsoleLine& line : lines_)
        line.close_far_end();
    if (limits_.console != 0)
        terminal_.emplace();
}

Ending Session::run() {
    Ending ending;
    while (step(ending))
        continue;
    child_.kill();
    terminal_.reset();
    ending.ticks = tracker_.last_tsc();
    ending.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    return ending;
}

bool Session::step(Ending& ending) {
    wait_for_events();
    ending.signal = signals_.take();
    if (ending.signal)
        return false;
    for (usize i = 0; i < lines_.size(); ++i)
        if (ready_[i])
            receive(i);
    if (input_ready_)
        take_input();
    for (ConsoleLine& line : lines_)
        line.send();
    if (tracker_.firmware().halted)
        return false;
    if (emulator_ended(ending))
        return false;
    Clock::time_point now = Clock::now();
    if (tracker_.finished() && !last_words_)
        last_words_ = now + time_for_last_words;
    if (last_words_ && now >= *last_words_)
        return false;
    if (limits_.timeout.count() != 0 && now >= start_ + limits_.timeout) {
        ending.failure = timeout_message();
        return false;
    }
    return true;
}

void Session::wait_for_events() {
    // A negative descriptor is one that poll() leaves out.
    constexpr usize first_line = 3;
    std::vector<pollfd> wanted{
        {signals_.descriptor(), POLLIN, 0},
        {child_.terminal(), POLLIN, 0},
        {terminal_ ? terminal_->descriptor() : -1, POLLIN, 0},
    };
    for (const ConsoleLine& line : lines_) {
        auto events = static_cast<short>(line.has_output() ? POLLIN | POLLOUT : POLLIN);
        wanted.push_back({line.descriptor(), events, 0});
    }
    int wait = -1;
    if (auto deadline = next_deadline()) {
        auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
        wait = static_cast<int>(std::max<i64>(left.count(), 0));
    }
    if (poll(wanted.data(), wanted.size(), wait) < 0 && errno != EINTR)
        throw system_error("cannot wait for the emulator");
    if (wanted[1].revents != 0)
        child_.drain();
    input_ready_ = wanted[2].revents != 0;
    for (usize i = 0; i < lines_.size(); ++i)
        ready_[i] = (wanted[first_line + i].revents & ~POLLOUT) != 0;
}

void Session::receive(usize line) {
    lines_[line].receive([&](u32 channel, std::string_view text) { show(channel, text); });
}

void Session::show(u32 channel, std::string_view bytes) {
    view_.show_text(channel, bytes);
    if (terminal_ && terminal_->attached() && channel == limits_.console)
        for (std::string_view rest = bytes; !rest.empty();) {
            ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
            if (written <= 0)
                break;
            rest.remove_prefix(static_cast<usize>(written));
        }
    if (channel == 0)
        tracker_.feed_log(bytes);
    else
        tracker_.feed_console(channel, bytes);
}

void Session::take_input() {
    std::string keys = terminal_->read();
    for (ConsoleLine& line : lines_)
        if (line.carries(limits_.console))
            line.type(limits_.console, keys);
    if (!terminal_->attached())
        view_.set_mode(ViewMode::events);
}

bool Session::emulator_ended(Ending& ending) {
    if (child_.running())
        return false;
    for (ConsoleLine& line : lines_) // what it wrote before its end is still there
        line.receive_rest([&](u32 channel, std::string_view text) { show(channel, text); });
    if (limits_.one_guest && tracker_.partitions()[0].powering_off)
        tracker_.power_off(0);
    else if (!tracker_.finished())
        ending.failure = "the emulator ended (" + child_.ending() + "); its own log may say why";
    return true;
}

std::optional<Session::Clock::time_point> Session::next_deadline() const {
    std::optional<Clock::time_point> deadline = last_words_;
    if (limits_.timeout.count() != 0) {
        Clock::time_point end = start_ + limits_.timeout;
        deadline = deadline ? std::min(*deadline, end) : end;
    }
    return deadline;
}

std::string Session::timeout_message() const {
    std::string message = "not finished after " + std::to_string(limits_.timeout.count()) + " s;";
    if (!tracker_.firmware().entry_tsc)
        return message + " the firmware was not entered";
    for (const PartitionState& partition : tracker_.partitions())
        message += " " + partition.expected.name + ": " + state_of(partition) + ",";
    message.pop_back();
    return message;
}

} // namespace cloison::run
