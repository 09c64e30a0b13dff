// SPDX-License-Identifier: Apache-2.0
// A function through which the firmware shows a server what it serves: the management function, or
// the I/O adapter of a client (firmware/abi/server_map.hpp). What its BARs show is mapped into the
// partition, and stays; its interrupt pin says "look".
#pragma once

#include "firmware/core/devices/pci_function.hpp"
#include "firmware/core/devices/server/bars.hpp"

namespace cloison::core {

class ServiceFunction final : public PciFunction {
  public:
    static constexpr u32 no_pin = ~u32{0};

    /// `device`: abi::adapter_device or abi::management_device. `pin` of the partition's I/O APIC,
    /// or no_pin: without an interrupt.
    ServiceFunction(u32 device, const Bars& bars, u32 pin);

    [[nodiscard]] u32 read_configuration(u32 offset) override;
    void write_configuration(u32 offset, u32 value, u32 mask) override;
    [[nodiscard]] u32 lines() const override;

    /// Has the interrupt pin say that there is something to look at, until the driver enables the
    /// pin anew: a handler disables it (PCI 2.3), and its server enables it before it looks.
    void raise() { pending_ = true; }
    /// As after power-on.
    void reset();

  private:
    u32 device_;
    u32 pin_;
    Bars bars_;
    u32 command_ = 0;
    u32 line_ = 0; // interrupt line register: software's own note
    bool pending_ = false;
};

} // namespace cloison::core
