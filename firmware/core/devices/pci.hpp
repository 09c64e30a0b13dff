// SPDX-License-Identifier: Apache-2.0
// PCI configuration space: mechanism #1 (PCI Local Bus 3.0, 3.2.2.3.2) and ECAM (PCI Express Base,
// 7.2.2), with nothing on the bus yet. An absent function reads as all-ones and swallows writes,
// whichever way it is asked; what a guest can tell is that the mechanism is there.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::core {

class PciBus {
  public:
    /// Port guest_map::pci_address, as a dword only: narrower accesses are not for this register.
    [[nodiscard]] u32 read_address() const { return address_; }
    void write_address(u32 value) { address_ = value & address_bits; }

    /// One byte of the configuration data window, or of ECAM.
    [[nodiscard]] static u8 read_data() { return 0xFF; }

  private:
    static constexpr u32 address_bits = 0x80FF'FFFC; // enable, bus, device, function, register

    u32 address_ = 0;
};

} // namespace cloison::core
