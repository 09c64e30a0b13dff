// SPDX-License-Identifier: Apache-2.0
// An entropy device with the kernel's random numbers.
#pragma once

#include "ioserver/devices/rng/rng_device.hpp"
#include "ioserver/linux/device_server.hpp"
#include "ioserver/linux/event_loop.hpp"

namespace cloison::io {

struct KernelEntropy {
    [[nodiscard]] usize fill(std::span<u8> bytes) const;
};

class RngServer final : public DeviceServer {
  public:
    explicit RngServer(EventLoop& loop) : loop_(loop), device_(source_) {}

    [[nodiscard]] u64 features() const override { return device_.features(); }
    [[nodiscard]] u32 queues() const override { return 1; }
    void read_config(u32 offset, std::span<u8> to) const override;
    [[nodiscard]] QueueError start_queue(u32 index, const GuestRegions& memory,
                                         const QueueLayout& layout, u64 features,
                                         std::span<u8> record, u16 base) override;
    [[nodiscard]] u32 left_over(u32 index) override;
    u16 stop_queue(u32 index) override;
    void kicked(u32 index) override;
    void poll() override;

  private:
    EventLoop& loop_;
    KernelEntropy source_;
    RngDevice<GuestRegions, KernelEntropy> device_;
};

} // namespace cloison::io
