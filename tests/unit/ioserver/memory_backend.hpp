// SPDX-License-Identifier: Apache-2.0
// A disk in memory behind a block server; it works when the test says so, or when it is waited for.
#pragma once

#include "ioserver/linux/block/async_backend.hpp"
#include "ioserver/linux/event_loop.hpp"
#include "tests/unit/ioserver/memory_disk.hpp"

namespace cloison::io {

class MemoryBackend final : public AsyncBackend {
  public:
    MemoryBackend(EventLoop& loop, usize sectors) : disk(sectors), loop_(loop) {}

    [[nodiscard]] DiskProperties properties() const override { return {.sectors = 64}; }
    bool submit(const BlockRequest& request) override { return disk.submit(request); }
    std::optional<BlockCompletion> completed() override { return disk.completed(); }
    void start() override {
        if (!at_once || disk.pending().empty())
            return;
        disk.carry_out_all();
        loop_.later(done_);
    }
    void wait() override { disk.carry_out(); }
    void on_completion(std::function<void()> action) override { done_ = std::move(action); }
    void set_polled(bool /*polled*/) override {}

    void carry_out_all() {
        disk.carry_out_all();
        done_();
    }

    MemoryDisk disk;
    bool at_once = false; // carries out what it is given, without being asked

  private:
    EventLoop& loop_;
    std::function<void()> done_;
};

} // namespace cloison::io
