// SPDX-License-Identifier: Apache-2.0
// A block device and its back end, as a transport serves it.
#pragma once

#include "ioserver/linux/block/async_backend.hpp"
#include "ioserver/linux/device_server.hpp"
#include "ioserver/linux/event_loop.hpp"

namespace cloison::io {

class BlockServer final : public DeviceServer {
  public:
    /// `loop` and `backend` live longer.
    BlockServer(EventLoop& loop, AsyncBackend& backend, const DiskProperties& disk);

    [[nodiscard]] u64 features() const override { return device_.features(); }
    [[nodiscard]] u32 queues() const override { return device_.queues(); }
    void read_config(u32 offset, std::span<u8> to) const override {
        device_.read_config(offset, to);
    }
    [[nodiscard]] QueueError start_queue(u32 index, const GuestRegions& memory,
                                         const QueueLayout& layout, u64 features,
                                         std::span<u8> record, u16 base) override;
    [[nodiscard]] u32 left_over(u32 index) override { return device_.queue(index).in_flight(); }
    u16 stop_queue(u32 index) override;
    void kicked(u32 index) override;
    void poll() override;
    void set_polled(bool polled) override;

    [[nodiscard]] const BlockStatistics& statistics() const { return device_.statistics(); }

  private:
    /// Takes what there is, up to a turn of it, and asks for kicks.
    void serve(u32 index);
    void reap();

    EventLoop& loop_;
    AsyncBackend& backend_;
    BlockDevice<GuestRegions, AsyncBackend, block_slots> device_;
};

} // namespace cloison::io
