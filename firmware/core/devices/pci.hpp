// SPDX-License-Identifier: Apache-2.0
// The PCI bus of a partition: configuration mechanism #1 (PCI Local Bus 3.0, 3.2.2.3.2) and ECAM
// (PCI Express Base, 7.2.2) on bus 0, and the window for PCI memory.
//
// With functions, a host bridge is device 0: Linux believes in mechanism #1 only where it finds one
// (or a BIOS date). Without functions the bus is empty. What is absent reads as all-ones and
// swallows writes, whichever way it is asked.
#pragma once

#include "firmware/core/devices/virtio/function.hpp"

namespace cloison::core {

/// A function of the partition wants its server to look.
struct ServerCall {
    u32 function; // from 0
    u32 queue;    // or abi::no_queue: at all of it
};

class PciBus {
  public:
    /// Puts functions on the bus, `others` as devices 1 and up, `functions` behind them; at most
    /// abi::bus_slots - 1 in all. Before the partition runs; they stay as long as this.
    void attach(std::span<VirtioFunction> functions) { functions_ = functions; }
    void attach_others(std::span<PciFunction* const> others) { others_ = others; }
    [[nodiscard]] bool empty() const { return functions_.empty() && others_.empty(); }

    /// Port guest_map::pci_address, as a dword only: narrower accesses are not for this register.
    [[nodiscard]] u32 read_address() const { return address_; }
    void write_address(u32 value) { address_ = value & address_bits; }

    /// Ports guest_map::pci_data + `offset`; all of the access lies in these four.
    [[nodiscard]] u32 read_data(u32 offset, u32 size);
    void write_data(u32 offset, u32 size, u32 value);

    /// Guest-physical addresses in guest_map::ecam and guest_map::pci_window; `size` is 1, 2, 4, 8.
    [[nodiscard]] u64 read_memory(u64 address, u32 size);
    void write_memory(u64 address, u32 size, u64 value);

    /// The server has something for a function. Functions and queues that are not there are
    /// nobody's.
    void ring(abi::Doorbell doorbell);
    /// The same for all that `bells` says, which may be anything; takes it off.
    void hear(abi::BellPage& bells);

    /// Has the virtio functions begin anew; take_call() says whom that concerns.
    void restart_functions();
    /// True when no server is still at work for an earlier life of theirs.
    [[nodiscard]] bool settled();

    /// The pins of the I/O APIC, by bits, whose lines functions hold up.
    [[nodiscard]] u32 lines() const;

    /// The next interrupt message of the functions, and whom to call: at most one for each access.
    std::optional<Message> take_message();
    std::optional<ServerCall> take_call();

  private:
    static constexpr u32 address_bits = 0x80FF'FFFC; // enable, bus, device, function, register
    static constexpr u32 address_enable = 0x8000'0000;

    /// A register of bus 0 as ECAM has it: device, function, register, in 5, 3 and 12 bits.
    [[nodiscard]] u32 read_register(u32 place, u32 size);
    void write_register(u32 place, u32 size, u32 value);
    [[nodiscard]] u32 read_dword(u32 device, u32 offset);
    [[nodiscard]] PciFunction* function_at(u32 device);
    [[nodiscard]] VirtioFunction* virtio_at(u32 device);

    struct Target {
        VirtioFunction* function = nullptr;
        u32 offset = 0; // in its BAR
    };
    /// The function whose BAR has all of the access: the first, where a guest put several there.
    [[nodiscard]] Target target_of(u64 address, u32 size);
    void touched(VirtioFunction& function);

    std::span<PciFunction* const> others_;
    std::span<VirtioFunction> functions_;
    u32 address_ = 0;
    u32 messages_ = 0; // functions that may have some
    std::optional<ServerCall> call_;
};

} // namespace cloison::core
