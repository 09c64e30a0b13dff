// SPDX-License-Identifier: Apache-2.0
// A block back end that works by itself and says when it is done: what a BlockServer needs.
#pragma once

#include "ioserver/devices/block/block_device.hpp"

#include <functional>

namespace cloison::io {

inline constexpr u32 block_slots = 128;

class AsyncBackend {
  public:
    virtual ~AsyncBackend() = default;

    /// What is the back end's to say: capacity, block size, whether it can be written and discards.
    [[nodiscard]] virtual DiskProperties properties() const = 0;

    /// See BlockBackend. The token is below block_slots; there is room for each of them, so nothing
    /// is refused.
    virtual bool submit(const BlockRequest& request) = 0;
    virtual std::optional<BlockCompletion> completed() = 0;

    /// Sets off what was submitted since.
    virtual void start() = 0;
    /// Waits until something has completed; only while something is under way.
    virtual void wait() = 0;
    /// Calls `action` from the event loop whenever something may have completed.
    virtual void on_completion(std::function<void()> action) = 0;
    /// Whether completed() is called all the time, so that nothing of that need happen.
    virtual void set_polled(bool polled) = 0;
};

static_assert(BlockBackend<AsyncBackend>);

} // namespace cloison::io
