// SPDX-License-Identifier: Apache-2.0
// Between a transport, which brings rings, memory and doorbells, and a device, which serves them:
// neither knows more of the other than this.
#pragma once

#include "ioserver/devices/queue/queue.hpp"

#include <functional>

namespace cloison::io {

/// What a device tells its transport.
class QueueEvents {
  public:
    virtual ~QueueEvents() = default;
    /// The driver wants to hear that something was given back.
    virtual void notify(u32 queue) = 0;
    /// The queue broke: the device needs a reset (virtio 1.2, section 2.1.2).
    virtual void broken(u32 queue, QueueError error) = 0;
    /// The device configuration space reads differently from now on.
    virtual void config_changed() = 0;
};

class DeviceServer {
  public:
    virtual ~DeviceServer() = default;

    [[nodiscard]] virtual u64 features() const = 0;
    [[nodiscard]] virtual u32 queues() const = 0;
    virtual void read_config(u32 offset, std::span<u8> to) const = 0;

    /// See Queue::start(). `memory` and the record are used until stop_queue().
    [[nodiscard]] virtual QueueError start_queue(u32 index, const GuestRegions& memory,
                                                 const QueueLayout& layout, u64 features,
                                                 std::span<u8> record, u16 base) = 0;
    /// Requests that an earlier server took and did not give back, right after start_queue().
    [[nodiscard]] virtual u32 left_over(u32 index) = 0;
    /// Comes back when nothing of this queue is under way any more; gives the available index that
    /// would have been taken next.
    virtual u16 stop_queue(u32 index) = 0;
    /// The driver has made something available, or may have.
    virtual void kicked(u32 index) = 0;
    /// As kicked(), on all queues, for a transport that asks all the time and wants no kicks.
    virtual void poll() = 0;

    /// Who is told; null: nobody.
    void attach(QueueEvents* events) { events_ = events; }
    /// Whether poll() is called all the time, so that no kicks are wanted.
    virtual void set_polled(bool polled) { polled_ = polled; }

  protected:
    /// Tells what there is to tell of a queue.
    template <typename Q>
    void report(u32 index, Q& queue) {
        if (events_ == nullptr)
            return;
        if (queue.take_notification())
            events_->notify(index);
        if (queue.error() != QueueError::none)
            events_->broken(index, queue.error());
    }

    /// As Queue::enable_kicks(), where kicks are of use.
    template <typename Q>
    [[nodiscard]] bool await_kick(Q& queue) {
        if (!polled_)
            return queue.enable_kicks();
        queue.disable_kicks();
        return false; // the next poll() sees what came meanwhile
    }
    void tell_config_changed() {
        if (events_ != nullptr)
            events_->config_changed();
    }

  private:
    QueueEvents* events_ = nullptr;
    bool polled_ = false;
};

} // namespace cloison::io
