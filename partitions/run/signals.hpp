// SPDX-License-Identifier: Apache-2.0
// Signals as something to poll, so that an end from outside takes the same path as any other and
// leaves no emulator, temporary folder or raw terminal behind.
#pragma once

#include "partitions/run/serial_line.hpp"

#include <csignal>
#include <optional>

namespace cloison::run {

/// While it lives, SIGINT, SIGTERM, SIGHUP and SIGCHLD arrive here; SIGPIPE is ignored.
class Signals {
  public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_.get(); }
    /// The number of the signal that asks us to end, if one came. Takes all that are pending.
    std::optional<int> take();

  private:
    Descriptor descriptor_;
    sigset_t before_{};
};

} // namespace cloison::run
