// SPDX-License-Identifier: Apache-2.0
// Bytes that arrive on the machine's serial line find their partitions.
#pragma once

#include "firmware/vtx/guest.hpp"
#include "firmware/x86/io_apic.hpp"

namespace cloison::vtx {

/// The external interrupt of the serial line; no guest ever sees it.
inline constexpr u8 serial_vector = 0xF1;

class ConsoleInput {
  public:
    /// `pin`: where the line's interrupt arrives. Without one nothing is received.
    void initialise(std::optional<x86::IoApicPin> pin) { pin_ = pin; }
    void add(Guest& guest);

    /// Sends the line's interrupt to a CPU whose partition runs; called whenever that may have
    /// changed.
    void route() const;
    /// Takes what has arrived, on the CPU of `self`. A byte for which the partition's UART has no
    /// room is lost, as on any line without flow control.
    void receive(core::VirtualCpu& self) const;

  private:
    std::optional<x86::IoApicPin> pin_;
    Guest* first_ = nullptr;
};

extern ConsoleInput console_input;

} // namespace cloison::vtx
