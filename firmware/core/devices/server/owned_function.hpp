// SPDX-License-Identifier: Apache-2.0
// A function of the machine that a partition owns. Its registers, ports and memory are the
// partition's without exits; its configuration space goes through here:
//
//     header         the machine's own, but BARs: memory BARs show where the partition sees the
//                    registers, and no BAR can be moved
//     command        written through; what the partition must not have is not there to be set
//     capabilities   the list is hidden, and what MSI and MSI-X lie in is out of reach: without
//                    remapping of interrupts, a message of the device's could be any CPU's
//                    interrupt. The device's own registers behind the header are its owner's
//     ROM            not there
#pragma once

#include "firmware/core/devices/pci_function.hpp"
#include "firmware/core/devices/server/bars.hpp"

namespace cloison::core {

/// The machine's configuration space.
struct HostConfiguration {
    /// The dword at `offset`; and writes of `size` bytes at any offset inside a dword. `address` as
    /// in abi::DeviceRecord.
    u32 (*read)(u32 address, u32 offset);
    void (*write)(u32 address, u32 offset, u32 size, u32 value);
};

/// Finds where a partition sees what is at an address of the machine.
struct HostPlaces {
    const void* context;
    /// The partition's address for all of `host`; ports (`io`) keep theirs. False: not all of it is
    /// the partition's.
    bool (*find)(const void* context, const Extent& host, bool io, u64& guest);
};

class OwnedFunction final : public PciFunction {
  public:
    /// `pin`: of the partition's I/O APIC, to which the device's INTx is led, or no_pin.
    static constexpr u32 no_pin = ~u32{0};
    OwnedFunction(u32 address, const HostConfiguration& host, u32 pin)
        : address_(address),
          host_(host),
          pin_(pin) {}

    /// Stops the device's DMA and finds out its BARs. False: there is no such function, or it
    /// answers at addresses that are not its owner's.
    [[nodiscard]] bool initialise(const HostPlaces& places);
    /// Ends its DMA, before the partition's memory is cleared.
    void quiesce();

    [[nodiscard]] u32 read_configuration(u32 offset) override;
    void write_configuration(u32 offset, u32 value, u32 mask) override;

  private:
    [[nodiscard]] u32 read(u32 offset) const { return host_.read(address_, offset); }
    void write(u32 offset, u32 size, u32 value) const {
        host_.write(address_, offset, size, value);
    }
    [[nodiscard]] bool add_bar(u32& index, const HostPlaces& places);
    void find_messages();
    [[nodiscard]] bool is_message(u32 offset) const;

    u32 address_;
    HostConfiguration host_;
    u32 pin_;
    Bars bars_;
    u32 line_ = 0;
    u64 messages_ = 0; // dwords of MSI and MSI-X capabilities, by bits
};

} // namespace cloison::core
