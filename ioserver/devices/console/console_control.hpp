// SPDX-License-Identifier: Apache-2.0
// The control messages of a multiport console (virtio 1.2, section 5.3.6.2): what the driver has
// said of its ports, and what it has still to be told.
#pragma once

#include "firmware/abi/types.hpp"

#include <linux/virtio_console.h>

#include <array>
#include <optional>
#include <string_view>

namespace cloison::io {

inline constexpr u32 max_console_ports = 16;

struct ConsolePort {
    std::string_view name; // as the guest shows it; at most 64 bytes, and valid for good
    bool console = false;  // a terminal, rather than a channel of bytes
};

class ConsoleControl {
  public:
    struct Message {
        virtio_console_control control{};
        std::string_view name; // behind it, in PORT_NAME
    };

    /// All ports are there from the beginning; `count` of them.
    ConsoleControl(const ConsolePort* ports, u32 count) : ports_(ports), count_(count) {}

    /// As after a reset of the device. Whether the far ends are open stays.
    void reset();
    /// The driver has talked to an earlier server, of which nothing is known: it is told all again,
    /// and takes bytes at all ports. (Linux drops those that nobody reads.)
    void resume();
    /// What the driver says. What makes no sense means nothing.
    void receive(const virtio_console_control& control);
    /// The far end of a port has come or gone.
    void set_far_end(u32 port, bool open);
    /// Whether the driver takes bytes at this port.
    [[nodiscard]] bool guest_open(u32 port) const { return states_[port].guest_open; }

    /// The next message for the driver, which sent() removes.
    [[nodiscard]] std::optional<Message> next() const;
    void sent();

  private:
    /// Messages that wait, in the order in which they go.
    static constexpr u8 pending_add = 1, pending_console = 2, pending_name = 4, pending_open = 8;
    struct State {
        u8 pending = 0;
        bool known = false; // the driver has said that it is ready
        bool guest_open = false;
        bool far_open = false;
    };

    const ConsolePort* ports_;
    u32 count_;
    std::array<State, max_console_ports> states_{};
};

} // namespace cloison::io
