// SPDX-License-Identifier: Apache-2.0
#include "ioserver/devices/console/console_control.hpp"

namespace cloison::io {

void ConsoleControl::reset() {
    for (State& state : states_)
        state = {.pending = 0, .known = false, .guest_open = false, .far_open = state.far_open};
}

/// A driver that knows the port answers PORT_ADD with PORT_READY as one that does not.
void ConsoleControl::resume() {
    reset();
    for (u32 port = 0; port < count_; ++port) {
        states_[port].pending = pending_add;
        states_[port].guest_open = true;
    }
}

void ConsoleControl::receive(const virtio_console_control& control) {
    if (control.event == VIRTIO_CONSOLE_DEVICE_READY) {
        for (u32 port = 0; port < count_ && control.value == 1; ++port)
            states_[port].pending |= pending_add;
        return;
    }
    if (control.id >= count_)
        return;
    State& state = states_[control.id];
    if (control.event == VIRTIO_CONSOLE_PORT_READY && control.value == 1) {
        state.known = true;
        state.pending |= static_cast<u8>(pending_name | pending_open |
                                         (ports_[control.id].console ? pending_console : 0));
    } else if (control.event == VIRTIO_CONSOLE_PORT_OPEN) {
        state.guest_open = control.value != 0;
    }
}

void ConsoleControl::set_far_end(u32 port, bool open) {
    State& state = states_[port];
    if (state.known && state.far_open != open)
        state.pending |= pending_open;
    state.far_open = open;
}

std::optional<ConsoleControl::Message> ConsoleControl::next() const {
    for (u32 port = 0; port < count_; ++port) {
        const State& state = states_[port];
        if ((state.pending & pending_add) != 0)
            return Message{{port, VIRTIO_CONSOLE_PORT_ADD, 1}, {}};
        if ((state.pending & pending_console) != 0)
            return Message{{port, VIRTIO_CONSOLE_CONSOLE_PORT, 1}, {}};
        if ((state.pending & pending_name) != 0)
            return Message{{port, VIRTIO_CONSOLE_PORT_NAME, 1}, ports_[port].name};
        if ((state.pending & pending_open) != 0)
            return Message{{port, VIRTIO_CONSOLE_PORT_OPEN, static_cast<u16>(state.far_open)}, {}};
    }
    return std::nullopt;
}

void ConsoleControl::sent() {
    for (u32 port = 0; port < count_; ++port)
        if (u8& pending = states_[port].pending; pending != 0) {
            pending &= static_cast<u8>(pending - 1); // the lowest bit goes first
            return;
        }
}

} // namespace cloison::io
