// SPDX-License-Identifier: Apache-2.0
// One front end, from the first message to the last: what it says becomes queues of the device.
#pragma once

#include "ioserver/linux/device_server.hpp"
#include "ioserver/linux/event_loop.hpp"
#include "ioserver/linux/vhost_user/vring.hpp"

#include <string>

namespace cloison::io::vhost_user {

class Session final : public QueueEvents {
  public:
    /// `ended` is called when the front end has gone, or was sent away; it may destroy the session.
    /// `poll`: rings are looked at all the time, and not because of kicks.
    Session(EventLoop& loop, DeviceServer& device, Descriptor socket, std::string name, bool poll,
            std::function<void()> ended);
    ~Session() override;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void notify(u32 queue) override;
    void broken(u32 queue, QueueError error) override;
    void config_changed() override {} // the protocol has a channel of its own for that; not taken

  private:
    void on_message();
    /// The last that is done with this object.
    void end();
    /// False for what this back end does not know.
    bool handle(Message& message);
    bool handle_features(const Message& message);
    bool handle_vring(Message& message);

    void set_memory(const Message& message);
    void set_vring_descriptor(Message& message);
    void set_vring_state(const Message& message);
    void get_vring_base(const Message& message);
    void get_config(const Message& message);
    void get_inflight(const Message& message);
    void set_inflight(Message& message);

    /// Throws ProtocolError for a ring that the device has not.
    Vring& vring(u64 index);
    void start_if_ready(u32 index);
    void stop(u32 index);
    void stop_all();
    [[nodiscard]] std::span<u8> record(u32 index, Vring& ring);
    void log(const std::string& text) const;

    EventLoop& loop_;
    DeviceServer& device_;
    Connection connection_;
    std::string name_;
    bool poll_;
    std::function<void()> ended_;
    u64 features_ = 0;
    u64 protocol_features_ = 0;
    SharedGuest guest_;
    Inflight inflight_{};
    Mapping records_;
    std::vector<Vring> vrings_;
};

} // namespace cloison::io::vhost_user
