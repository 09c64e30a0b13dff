// SPDX-License-Identifier: Apache-2.0
// A console of a guest, its people at the concentrator.
#pragma once

#include "ioserver/devices/console/console_device.hpp"
#include "ioserver/linux/console/endpoints.hpp"
#include "ioserver/linux/device_server.hpp"

namespace cloison::io {

class ConsoleServer final : public DeviceServer {
  public:
    explicit ConsoleServer(EventLoop& loop);

    /// Where endpoints join.
    [[nodiscard]] Concentrator& concentrator() { return concentrator_; }
    void add(std::unique_ptr<ConsoleEndpoint> endpoint);

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

    /// What the guest writes; see ConsoleReader.
    usize take(u32 port, std::span<const u8> bytes);

  private:
    [[nodiscard]] usize type(std::string_view text);
    void tell_guest();
    void resume();

    EventLoop& loop_;
    ConsoleDevice<GuestRegions> device_;
    Concentrator concentrator_;
    std::vector<std::unique_ptr<ConsoleEndpoint>> endpoints_;
};

} // namespace cloison::io
