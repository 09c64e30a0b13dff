// SPDX-License-Identifier: Apache-2.0
// What a server has beside a CPU and memory: devices of the machine with their ports, registers and
// interrupts, and an adapter for each client (firmware/abi/server_map.hpp says where).
#pragma once

#include "firmware/abi/footprint.hpp"
#include "firmware/abi/rules.hpp"
#include "firmware/core/devices/server/owned_function.hpp"
#include "firmware/core/devices/server/service_function.hpp"
#include "firmware/vtx/guest.hpp"
#include "firmware/x86/io_apic.hpp"

#include <new>

namespace cloison::vtx {

/// External interrupts of the machine's that partitions own: this and the number of their pin.
inline constexpr u8 owned_vector = 0x40;

class Server {
  public:
    /// `index`: of the partition that `guest` is.
    Server(const abi::ManifestView& manifest, u32 index, Guest& guest, const x86::AcpiTables& acpi,
           bool gib_pages)
        : manifest_(manifest),
          index_(index),
          guest_(guest),
          acpi_(acpi),
          gib_pages_(gib_pages) {}

    /// Builds the bus and maps what its BARs show. `guests`: the list of all partitions. The
    /// verdict names the rule that the machine or the arena breaks.
    [[nodiscard]] abi::Verdict build(Guest* guests);
    /// Ends the DMA of all its devices.
    void quiesce();
    /// As after power-on, for a partition that starts anew.
    void reset();

  private:
    /// Room for a function of either kind.
    union Slot {
        Slot() {}
        core::ServiceFunction service;
        core::OwnedFunction owned;
    };
    /// By which a client calls its server.
    struct Line {
        Partition* server;
        core::ServiceFunction* adapter;
    };
    struct Builder;

    [[nodiscard]] bool allow_ports();
    [[nodiscard]] bool find_pins();
    [[nodiscard]] bool map_adapter(const abi::AdapterPlace& place, const Guest& client);
    static bool find_place(const void* context, const Extent& host, bool io, u64& guest);
    static void set_pin(void* context, const core::HostPin& pin);
    static void call(void* context, core::VirtualCpu& caller, const core::ServerCall& what);

    abi::ManifestView manifest_;
    u32 index_;
    Guest& guest_;
    const x86::AcpiTables& acpi_;
    bool gib_pages_;
    u32 owned_count_ = 0;   // the first slots
    u32 service_count_ = 0; // those behind them
    u32 client_count_ = 0;
    std::array<core::PciFunction*, abi::bus_slots - 1> bus_{};
    std::array<Slot, abi::bus_slots - 1> slots_;
    std::array<Partition::Client, abi::bus_slots - 1> clients_{};
    std::array<Line, abi::bus_slots - 1> lines_{};
    std::array<x86::IoApicPin, guest_map::ioapic_pins> pins_{};
};
static_assert(round_up(sizeof(Server), page_size) == abi::server_pages * page_size);

} // namespace cloison::vtx
