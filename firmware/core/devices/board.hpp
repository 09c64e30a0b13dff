// SPDX-License-Identifier: Apache-2.0
// The board: all devices of the small PC that a partition sees (firmware/abi/guest_map.hpp), wired
// together. Nothing else of a PC is there: what no device claims reads as all-ones and swallows
// writes.
//
// Times are the machine's TSC. They may come from several CPUs: one that is behind the latest is
// taken for the latest. The caller serialises all calls but serial_has_output().
#pragma once

#include "firmware/core/devices/clock.hpp"
#include "firmware/core/devices/host_pins.hpp"
#include "firmware/core/devices/ioapic.hpp"
#include "firmware/core/devices/pci.hpp"
#include "firmware/core/devices/pic.hpp"
#include "firmware/core/devices/pit.hpp"
#include "firmware/core/devices/power.hpp"
#include "firmware/core/devices/rtc.hpp"
#include "firmware/core/devices/uart.hpp"

#include <optional>

namespace cloison::core {

class Board {
  public:
    /// `epoch`: seconds since 1970, UTC, when the TSC was 0.
    Board(Clock clock, u64 epoch)
        : host_pins_(ioapic_),
          pit_(clock),
          rtc_(clock, epoch),
          power_(clock) {}

    /// `size` is 1, 2 or 4; values have that many bytes. Ports wider than a device's registers are
    /// split into bytes, as on the ISA bus.
    u32 port_read(u16 port, u32 size, u64 now);
    void port_write(u16 port, u32 size, u32 value, u64 now);
    /// False when some byte of the access has no device behind it: for the log.
    static bool claims_port(u16 port, u32 size);

    /// Puts virtio functions on the PCI bus: see PciBus::attach().
    void attach(std::span<VirtioFunction> functions) { pci_.attach(functions); }
    /// The functions of a server's bus, and the machine's interrupts that are its pins, by bits.
    void attach_server(std::span<PciFunction* const> functions, u32 owned_pins) {
        pci_.attach_others(functions);
        host_pins_.own(owned_pins);
    }

    /// True for guest-physical addresses of devices. With functions on the bus, all of the window
    /// for PCI memory is the bus's. May be called at any time from any CPU.
    [[nodiscard]] bool claims(u64 address) const;
    /// `size` is 1, 2, 4 or 8. Device time is that of the last call that gave it.
    u64 mmio_read(u64 address, u32 size);
    void mmio_write(u64 address, u32 size, u64 value);

    /// The end of a level-triggered interrupt at a local APIC.
    void end_of_interrupt(u8 vector);
    /// The next interrupt message: the I/O APIC's in order, then the PCI functions'.
    std::optional<Message> take_message();
    /// Whom the last access to a PCI function wants called.
    std::optional<ServerCall> take_call() { return pci_.take_call(); }
    /// The functions' server has something for one of them, or for all those that `bells` says.
    void ring(abi::Doorbell doorbell) { pci_.ring(doorbell); }
    void hear(abi::BellPage& bells) { pci_.hear(bells); }

    /// See PciBus.
    void restart_functions() { pci_.restart_functions(); }
    [[nodiscard]] bool settled() { return pci_.settled(); }
    /// A function of the bus has changed its interrupt line by itself.
    void update_pci_lines();
    /// An interrupt of the machine's that the partition owns.
    void host_interrupt(u32 pin) { host_pins_.arrived(pin); }
    /// What has to be set at the machine's I/O APICs.
    std::optional<HostPin> take_host_pin() { return host_pins_.take(); }

    /// The 8259s' INTR, and what its acknowledge cycle reads.
    [[nodiscard]] bool pic_output() const { return pic_.output(); }
    u8 pic_acknowledge();

    /// A byte arrives at COM1. False when it has no room now.
    bool serial_input(u8 byte, u64 now);
    /// The next byte that COM1 sends.
    std::optional<u8> serial_output(u64 now);
    /// May be called at any time from any CPU.
    [[nodiscard]] bool serial_has_output() const { return uart_.has_output(); }

    /// Lets device time run to `now`. Ticks of a timer that were missed are one.
    void advance(u64 now);
    /// The tick at which advance() is next needed, for an interrupt that somebody would get; never
    /// when nothing would happen. Changes with every other call.
    [[nodiscard]] u64 next_deadline(u64 now) const;

    /// What the guest wants done to its partition. Once it wants something, that stands.
    [[nodiscard]] Power power_request() const { return power_.request(); }

  private:
    u8 read_byte(u16 port);
    void write_byte(u16 port, u8 value);
    void settle();
    void update();
    void update_serial();
    void set_line(u32 irq, bool level);
    [[nodiscard]] bool wanted(u32 irq) const;

    Pic pic_;
    IoApic ioapic_;
    HostPins host_pins_;
    Pit pit_;
    Rtc rtc_;
    Uart uart_;
    PowerControl power_;
    PciBus pci_;
    u64 now_ = 0;
    u64 deadline_ = never;
    u32 lines_ = 0;     // ISA interrupt lines as the controllers know them
    u32 pci_lines_ = 0; // I/O APIC pins that PCI functions hold up, as it knows them
};

} // namespace cloison::core
