// SPDX-License-Identifier: Apache-2.0
// A virtio console with several ports (virtio 1.2, section 5.3). Bytes that a guest writes wait in
// its own buffers until their reader takes them; bytes for it are taken as it has buffers.
#pragma once

#include "ioserver/devices/config_space.hpp"
#include "ioserver/devices/console/console_control.hpp"
#include "ioserver/devices/queue/queue.hpp"

#include <array>

namespace cloison::io {

/// Who takes what a guest writes at a port: gives how many of the bytes it took, from the first on.
template <typename R>
concept ConsoleReader = requires(R& reader, u32 port, std::span<const u8> bytes) {
    { reader.take(port, bytes) } -> std::same_as<usize>;
};

template <GuestMemory Memory>
class ConsoleDevice {
  public:
    /// Section 5.3.2: port 0 has the first two, then come the control queues, then all others.
    static constexpr u32 max_queues = 2 * max_console_ports + 2;
    static constexpr u32 control_receive = 2, control_transmit = 3;
    [[nodiscard]] static constexpr u32 receive_queue(u32 port) {
        return port == 0 ? 0 : 2 * port + 2;
    }
    [[nodiscard]] static constexpr u32 transmit_queue(u32 port) { return receive_queue(port) + 1; }

    /// `ports` has 1 to max_console_ports, and lives as long as the device.
    explicit ConsoleDevice(std::span<const ConsolePort> ports)
        : ports_(static_cast<u32>(ports.size())),
          control_(ports.data(), ports_) {}

    [[nodiscard]] u64 features() const {
        return queue_features | feature_bit(VIRTIO_CONSOLE_F_MULTIPORT);
    }
    [[nodiscard]] u32 ports() const { return ports_; }
    [[nodiscard]] u32 queues() const { return 2 * ports_ + 2; }
    void read_config(u32 offset, std::span<u8> to) const {
        virtio_console_config config{};
        config.max_nr_ports = ports_;
        read_config_space(config, offset, to);
    }

    [[nodiscard]] QueueError start_queue(u32 index, const Memory& memory, const QueueLayout& layout,
                                         u64 features, std::span<u8> record, u16 base) {
        features_ = features & this->features();
        for (u32 port = 0; port < ports_; ++port)
            if (index == transmit_queue(port))
                writing_[port] = {};
        Queue<Memory>& queue = queues_[index];
        QueueError error = queue.start(memory, layout, features_, record, base);
        if (index == control_transmit) // the first message of a life is the first of its queue
            queue.next_available() == 0 ? control_.reset() : control_.resume();
        return error;
    }
    void stop_queue(u32 index) { queues_[index].stop(); }
    [[nodiscard]] Queue<Memory>& queue(u32 index) { return queues_[index]; }
    [[nodiscard]] ConsoleControl& control() { return control_; }

    /// Hands the reader what the guest has written at this port, until it takes no more, or a turn
    /// is over: then, true.
    template <ConsoleReader Reader>
    bool transmit(u32 port, Reader& reader) {
        Queue<Memory>& queue = queues_[transmit_queue(port)];
        for (u32 count = 0; count < 64; ++count) {
            Writing& writing = writing_[port];
            if (!writing.under_way) {
                Chain chain;
                if (queue.take(writing.segments, chain) != Take::chain)
                    return false;
                if (!chain.writable.empty()) { // section 5.3.6: a port's output is to be read
                    queue.fail(QueueError::request_malformed);
                    return false;
                }
                writing.head = chain.head;
                writing.left = chain.readable;
                writing.under_way = true;
            }
            if (!hand_over(port, writing, reader))
                return false;
            queue.complete(writing.head, 0);
            writing.under_way = false;
        }
        return queue.has_available();
    }

    /// Puts bytes into the guest's buffers for this port; gives how many it had room for.
    usize receive(u32 port, std::span<const u8> bytes) {
        Queue<Memory>& queue = queues_[receive_queue(port)];
        usize done = 0;
        while (done < bytes.size() && (!multiport() || control_.guest_open(port))) {
            usize filled = put(queue, bytes.subspan(done), {});
            if (filled == 0)
                break;
            done += filled;
        }
        return done;
    }

    /// Reads what the driver says of its ports and tells it what it has to know. True when there
    /// may be more.
    bool serve_control() {
        Queue<Memory>& queue = queues_[control_transmit];
        for (u32 count = 0; count < 64; ++count) {
            Chain chain;
            if (queue.take(control_segments_, chain) != Take::chain)
                break;
            virtio_console_control message{};
            if (take_front(chain.readable, &message, sizeof message))
                control_.receive(message);
            queue.complete(chain.head, 0);
        }
        tell();
        return queue.has_available();
    }
    /// Tells the driver what it has to know, as far as it has buffers for it.
    void tell() {
        while (auto message = control_.next()) {
            std::span<const u8> bytes(reinterpret_cast<const u8*>(&message->control),
                                      sizeof message->control);
            std::span<const u8> name(reinterpret_cast<const u8*>(message->name.data()),
                                     message->name.size());
            if (put(queues_[control_receive], bytes, name) == 0)
                return;
            control_.sent();
        }
    }

  private:
    /// A chain of output that its reader has not taken whole.
    struct Writing {
        bool under_way = false;
        u16 head = 0;
        std::span<Segment> left;
        std::array<Segment, 16> segments;
    };

    [[nodiscard]] bool multiport() const {
        return (features_ & feature_bit(VIRTIO_CONSOLE_F_MULTIPORT)) != 0;
    }

    /// Fills one chain with as much of `bytes`, then `more`, as it takes; gives how much that was.
    usize put(Queue<Memory>& queue, std::span<const u8> bytes, std::span<const u8> more) {
        Chain chain;
        if (queue.take(control_segments_, chain) != Take::chain)
            return 0;
        u64 done = copy_in(chain.writable, 0, bytes);
        done += copy_in(chain.writable, done, more);
        if (done == 0 || !chain.readable.empty()) {
            queue.fail(QueueError::request_malformed);
            return 0;
        }
        queue.complete(chain.head, static_cast<u32>(done));
        return static_cast<usize>(done);
    }

    /// False when the reader took less than there is.
    template <ConsoleReader Reader>
    static bool hand_over(u32 port, Writing& writing, Reader& reader) {
        while (!writing.left.empty()) {
            Segment& piece = writing.left.front();
            usize taken = std::min<usize>(reader.take(port, {piece.data, piece.size}), piece.size);
            piece = {piece.data + taken, piece.size - static_cast<u32>(taken)};
            if (piece.size > 0)
                return false;
            writing.left = writing.left.subspan(1);
        }
        return true;
    }

    u32 ports_;
    ConsoleControl control_;
    u64 features_ = 0;
    std::array<Queue<Memory>, max_queues> queues_;
    std::array<Writing, max_console_ports> writing_;
    std::array<Segment, 16> control_segments_;
};

} // namespace cloison::io
