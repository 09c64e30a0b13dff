// SPDX-License-Identifier: Apache-2.0
#include "firmware/vtx/server.hpp"

#include "firmware/x86/arena.hpp"
#include "firmware/x86/pci.hpp"

#include <cstring>

namespace cloison::vtx {

using abi::Rule;
using abi::Verdict;

namespace {

constexpr u32 memory_64 = PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH;

} // namespace

/// Puts what visit_server() tells where it says.
struct Server::Builder {
    Server& server;
    Guest* guests; // the list of all
    Verdict verdict{};

    u32 used() const { return server.owned_count_ + server.service_count_; }
    [[nodiscard]] Guest& guest_of(u32 index) const {
        Guest* guest = guests;
        while (&guest->record != &server.manifest_.partitions[index])
            guest = guest->next;
        return *guest;
    }
    void need(bool done, Rule rule, u32 second = 0) {
        if (!done && verdict.ok())
            verdict = {rule, server.index_, second};
    }

    void device(u32 slot, const abi::DeviceRecord& device) {
        u32 pin = device.interrupt < guest_map::ioapic_pins ? device.interrupt
                                                            : core::OwnedFunction::no_pin;
        auto* function = new (&server.slots_[slot - 1].owned)
            core::OwnedFunction(device.address, x86::pci_configuration, pin);
        server.bus_[slot - 1] = function;
        ++server.owned_count_;
        need(function->initialise({&server, find_place}), Rule::machine_differs, device.address);
    }
    void mmio(const abi::ResourceRecord& r, u64 guest) {
        need(server.guest_.ept.map_pages(guest, r.base, r.size, Mapping::device),
             Rule::firmware_memory);
    }
    core::ServiceFunction& service(u32 slot, u32 device, const core::Bars& bars, u32 pin) {
        auto* function =
            new (&server.slots_[slot - 1].service) core::ServiceFunction(device, bars, pin);
        server.bus_[slot - 1] = function;
        ++server.service_count_;
        return *function;
    }
    void management(u32 slot, const Extent& manifest) {
        core::Bars bars;
        bars.add(abi::manifest_bar, manifest, PCI_BASE_ADDRESS_SPACE_MEMORY);
        service(slot, abi::management_device, bars, core::ServiceFunction::no_pin);
        auto host = reinterpret_cast<u64>(server.manifest_.bytes.data());
        need(host % page_size == 0, Rule::image_misplaced);
        need(server.guest_.ept.map_pages(manifest.base, host,
                                         round_up(server.manifest_.bytes.size(), page_size),
                                         Mapping::read_only),
             Rule::firmware_memory);
    }
    void adapter(const abi::AdapterPlace& place) {
        Guest& client = guest_of(place.client);
        core::Bars bars;
        bars.add(abi::doorbell_bar, place.doorbell, PCI_BASE_ADDRESS_SPACE_MEMORY);
        bars.add(abi::record_bar, place.record, PCI_BASE_ADDRESS_SPACE_MEMORY);
        bars.add(abi::memory_bar, place.memory, memory_64);
        auto& function = service(place.slot, abi::adapter_device, bars, place.pin);
        need(server.map_adapter(place, client), Rule::firmware_memory);
        Line& line = server.lines_[server.client_count_];
        line = {&server.guest_.partition, &function};
        server.clients_[server.client_count_++] = {place.doorbell.base, &client.partition,
                                                   &function};
        client.partition.attach(client.functions, abi::IoAdapterRecord(client.record_pages),
                                {call, &line});
    }
};

Verdict Server::build(Guest* guests) {
    if (!allow_ports())
        return {Rule::firmware_memory, index_};
    if (!find_pins())
        return {Rule::machine_differs, index_};
    Builder builder{*this, guests};
    builder.need(abi::visit_server(manifest_, index_, builder), Rule::server_slots);
    guest_.partition.serve(std::span(bus_).first(builder.used()),
                           std::span(clients_).first(client_count_),
                           {set_pin, this, abi::owned_pins(manifest_, index_)});
    return builder.verdict;
}

/// All ports exit but those that the partition owns (SDM vol. 3C, 25.6.4).
bool Server::allow_ports() {
    auto* bitmaps = static_cast<u8*>(x86::arena.pages(abi::io_bitmap_pages));
    if (bitmaps == nullptr)
        return false;
    std::memset(bitmaps, 0xFF, abi::io_bitmap_pages * page_size);
    for (const abi::ResourceRecord& r : manifest_.resources) {
        if (r.partition != index_ || r.kind != static_cast<u32>(abi::ResourceKind::ports))
            continue;
        for (u64 port = r.base; port < r.base + r.size; ++port)
            bitmaps[port / 8] = static_cast<u8>(bitmaps[port / 8] & ~(1u << port % 8));
    }
    guest_.io_bitmaps = bitmaps;
    return true;
}

/// Where the interrupts that the partition owns arrive. False: nowhere, or they cannot be sent to
/// its boot CPU.
bool Server::find_pins() {
    for (u32 owned = abi::owned_pins(manifest_, index_); owned != 0; owned &= owned - 1) {
        auto number = static_cast<u32>(std::countr_zero(owned));
        auto pin = acpi_.io_apic_pin(number);
        if (!pin || guest_.partition.first_cpu()->host_apic_id > x86::widest_destination)
            return false;
        pins_[number] = *pin;
    }
    return true;
}

/// Maps a client's record and memory. The part of the record that the firmware writes is read-only.
bool Server::map_adapter(const abi::AdapterPlace& place, const Guest& client) {
    auto functions = abi::functions_of(manifest_, place.client);
    auto record = reinterpret_cast<u64>(client.record_pages);
    u64 fixed = abi::io_adapter_read_only_pages(functions.size()) * page_size;
    u64 size = abi::io_adapter_pages(functions) * page_size;
    Ept& ept = guest_.ept;
    bool mapped =
        ept.map_pages(place.record.base, record, fixed, Mapping::read_only) &&
        ept.map_pages(place.record.base + fixed, record + fixed, size - fixed, Mapping::shared);
    for (const abi::MemoryBlock& block : client.boot.memory)
        mapped = mapped && ept.map(place.memory.base + block.guest, block.host, block.size,
                                   gib_pages_, Mapping::shared);
    return mapped;
}

/// Where the partition sees what a BAR of its device's decodes.
bool Server::find_place(const void* context, const Extent& host, bool io, u64& guest) {
    const auto& self = *static_cast<const Server*>(context);
    if (io) {
        guest = host.base;
        for (u64 port = host.base; port < host.base + host.size; ++port)
            if (port > 0xFFFF || (self.guest_.io_bitmaps[port / 8] >> port % 8 & 1) != 0)
                return false;
        return true;
    }
    struct Finder : abi::ServerVisitor {
        const Extent& host;
        u64& guest;
        bool found = false;

        Finder(const Extent& wanted, u64& place) : host(wanted), guest(place) {}
        void mmio(const abi::ResourceRecord& r, u64 at) {
            if (!Extent{r.base, r.size}.contains(host))
                return;
            guest = at + (host.base - r.base);
            found = true;
        }
    } finder(host, guest);
    (void)abi::visit_server(self.manifest_, self.index_, finder);
    return finder.found;
}

void Server::set_pin(void* context, const core::HostPin& pin) {
    const auto& self = *static_cast<const Server*>(context);
    x86::set_io_apic_pin(self.pins_[pin.pin],
                         {.vector = static_cast<u8>(owned_vector + pin.pin),
                          .apic_id = self.guest_.partition.first_cpu()->host_apic_id,
                          .level = pin.level,
                          .active_low = pin.active_low,
                          .masked = pin.masked});
}

void Server::call(void* context, core::VirtualCpu& caller, const core::ServerCall& /*what*/) {
    const auto& line = *static_cast<const Line*>(context);
    line.server->raise_adapter(caller, *line.adapter);
}

void Server::quiesce() {
    for (u32 i = 0; i < owned_count_; ++i)
        slots_[i].owned.quiesce();
    for (u32 owned = abi::owned_pins(manifest_, index_); owned != 0; owned &= owned - 1)
        set_pin(this, {static_cast<u32>(std::countr_zero(owned)), false, false, true});
}

void Server::reset() {
    for (u32 i = 0; i < service_count_; ++i)
        slots_[owned_count_ + i].service.reset();
}

} // namespace cloison::vtx
