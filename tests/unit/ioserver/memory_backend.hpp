// SPDX-License-Identifier: Apache-2.0
// A disk in memory behind a block server; it works when the test says so, or when it is waited for.
#pragma once

#include "ioserver/linux/block/async_backend.hpp"
#include "tests/unit/ioserver/memory_disk.hpp"

namespace cloison::io {

class MemoryBackend final : public AsyncBackend {
  public:
    explicit MemoryBackend(usize sectors) : disk(sectors) {}

    [[nodiscard]] DiskProperties properties() const override { return {.sectors = 64}; }
    bool submit(const BlockRequest& request) override { return disk.submit(request); }
    std::optional<BlockCompletion> completed() override { return disk.completed(); }
    void start() override {
        if (at_once)
            disk.carry_out_all();
    }
    void wait() override { disk.carry_out(); }
    void on_completion(std::function<void()> action) override { done_ = std::move(action); }

    void carry_out_all() {
        disk.carry_out_all();
        done_();
    }

    MemoryDisk disk;
    bool at_once = false; // carries out what it is given, without being asked

  private:
    std::function<void()> done_;
};

} // namespace cloison::io
