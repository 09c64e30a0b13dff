// SPDX-License-Identifier: Apache-2.0
// In place of a device whose back end cannot be had: resets end, and a driver that starts is told
// that the device cannot go on, rather than left waiting.
#pragma once

#include "firmware/abi/io_adapter.hpp"
#include "ioserver/linux/device_server.hpp"

namespace cloison::io::adapter {

class AbsentServer final : public DeviceServer {
  public:
    /// Looks as the firmware shows it; `page` lives longer.
    explicit AbsentServer(const abi::FunctionPage& page) : page_(page) {}

    [[nodiscard]] u64 features() const override { return page_.offered; }
    [[nodiscard]] u32 queues() const override { return page_.queues; }
    void read_config(u32 offset, std::span<u8> to) const override {
        for (u8& byte : to) {
            u32 word = page_.config[offset / 4].load(std::memory_order_relaxed);
            byte = static_cast<u8>(word >> (8 * (offset++ % 4)));
        }
    }
    [[nodiscard]] QueueError start_queue(u32 /*index*/, const GuestRegions& /*memory*/,
                                         const QueueLayout& /*layout*/, u64 /*features*/,
                                         std::span<u8> /*record*/, u16 /*base*/) override {
        return QueueError::not_served;
    }
    [[nodiscard]] u32 left_over(u32 /*index*/) override { return 0; }
    u16 stop_queue(u32 /*index*/) override { return 0; }
    void kicked(u32 /*index*/) override {}
    void poll() override {}

  private:
    const abi::FunctionPage& page_;
};

} // namespace cloison::io::adapter
