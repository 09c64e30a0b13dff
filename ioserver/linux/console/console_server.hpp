// SPDX-License-Identifier: Apache-2.0
// The consoles of a guest, ports of one device, the people of each at its concentrator.
#pragma once

#include "ioserver/devices/console/console_device.hpp"
#include "ioserver/linux/console/endpoints.hpp"
#include "ioserver/linux/device_server.hpp"

namespace cloison::io {

class ConsoleServer final : public DeviceServer {
  public:
    /// `names` of the ports, as the guest shows them: 1 to max_console_ports.
    ConsoleServer(EventLoop& loop, std::vector<std::string> names);
    ConsoleServer(const ConsoleServer&) = delete; // its consoles know it by address
    ConsoleServer& operator=(const ConsoleServer&) = delete;

    [[nodiscard]] u32 ports() const { return device_.ports(); }
    [[nodiscard]] const std::string& name(u32 port) const { return names_[port]; }
    /// Where endpoints of a port join.
    [[nodiscard]] Concentrator& concentrator(u32 port = 0) { return *consoles_[port]; }
    void add(std::unique_ptr<ConsoleEndpoint> endpoint);
    /// To be called as those that were added: the guest takes input again.
    void on_room(std::function<void()> action) { on_room_.push_back(std::move(action)); }

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
    using Device = ConsoleDevice<GuestRegions>;

    [[nodiscard]] usize type(u32 port, std::string_view text);
    [[nodiscard]] bool has_room();
    void tell_guest();
    void resume();

    EventLoop& loop_;
    std::vector<std::string> names_;
    std::vector<ConsolePort> ports_;
    Device device_;
    std::vector<std::unique_ptr<Concentrator>> consoles_;
    std::vector<std::unique_ptr<ConsoleEndpoint>> endpoints_;
    std::vector<std::function<void()>> on_room_;
    bool waiting_ = false; // something was typed that the guest did not take
};

} // namespace cloison::io
