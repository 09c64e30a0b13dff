// SPDX-License-Identifier: Apache-2.0
// One virtio function of a client: what its driver sets up in the adapter record becomes queues of
// the device that serves it, life by life (firmware/abi/io_adapter.hpp).
#pragma once

#include "firmware/abi/io_adapter.hpp"
#include "ioserver/linux/adapter/doorbells.hpp"
#include "ioserver/linux/device_server.hpp"

#include <string>

namespace cloison::io::adapter {

class FunctionSession final : public QueueEvents {
  public:
    /// What it is about; all lives longer.
    struct Place {
        abi::IoAdapterRecord record;
        u32 function = 0;
        const GuestRegions& memory;
        Doorbells& bells;
    };

    /// Throws ServerError where `device` is not what the client was promised. Until start(),
    /// nothing happens.
    FunctionSession(const Place& place, DeviceServer& device, std::string name, bool poll);
    /// Comes back when nothing is under way any more. The client's driver waits for the next
    /// server.
    ~FunctionSession() override;
    FunctionSession(const FunctionSession&) = delete;
    FunctionSession& operator=(const FunctionSession&) = delete;

    /// Goes on with the life that it finds, and looks at everything.
    void start();
    /// Looks at what may have changed. True when something changed meanwhile: there may be no call
    /// for that.
    bool look();
    /// As look(), for who comes back all the time.
    void poll();

    void notify(u32 queue) override;
    void broken(u32 queue, QueueError error) override;
    void config_changed() override;

  private:
    /// What the driver set, all of one life.
    struct View {
        u32 epoch = 0;
        u32 status = 0;
        u64 features = 0;
        std::array<QueueLayout, abi::max_virtqueues> queues; // size 0: not enabled
    };

    [[nodiscard]] bool read(View& view) const;
    /// Whether the record says what it said when attend() last looked.
    [[nodiscard]] bool is_current() const;
    void attend();
    void begin_life(u32 epoch);
    void start_queue(u32 queue, const View& view);
    [[nodiscard]] bool config_differs() const;
    void ring_page() { bells_.ring({function_, abi::no_queue}); }
    void log(const std::string& text) const;

    abi::IoAdapterRecord record_;
    u32 function_;
    abi::FunctionPage& page_; // the firmware's
    abi::ServerPage& server_; // ours
    const GuestRegions& memory_;
    Doorbells& bells_;
    DeviceServer& device_;
    std::string name_;
    bool poll_;
    u32 queues_;
    u32 status_ = 0;      // when last attended to
    u32 running_ = 0;     // queues, by bits
    bool broken_ = false; // this life cannot go on
};

} // namespace cloison::io::adapter
