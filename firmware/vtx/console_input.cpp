// SPDX-License-Identifier: Apache-2.0
#include "firmware/vtx/console_input.hpp"

namespace cloison::vtx {

constinit ConsoleInput console_input;

void ConsoleInput::add(Guest& guest) {
    guest.next_console = first_;
    first_ = &guest;
}

void ConsoleInput::route() const {
    if (!pin_)
        return;
    for (const Guest* guest = first_; guest != nullptr; guest = guest->next_console) {
        u32 target = guest->partition.first_cpu()->host_apic_id;
        if (guest->partition.reason() == core::StopReason::none &&
            target <= x86::widest_destination) {
            x86::set_io_apic_pin(*pin_, {.vector = serial_vector, .apic_id = target});
            return;
        }
    }
}

void ConsoleInput::receive(core::VirtualCpu& self) const {
    while (x86::serial.received()) {
        auto input = x86::serial.receive();
        if (!input.valid)
            continue;
        for (Guest* guest = first_; guest != nullptr; guest = guest->next_console)
            if (guest->record.console == input.channel)
                (void)guest->partition.serial_input(self, input.byte);
    }
}

} // namespace cloison::vtx
