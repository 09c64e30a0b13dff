// SPDX-License-Identifier: Apache-2.0
#include "firmware/vtx/guest.hpp"

#include "firmware/abi/footprint.hpp"
#include "firmware/core/devices/virtio/adapter.hpp"
#include "firmware/x86/log.hpp"

namespace cloison::vtx {

namespace {

/// Lets the UART's output into the ring while there is room.
struct RingRoom {
    x86::ConsoleRing& ring;
    [[nodiscard]] bool available() const { return !ring.full(); }
    void put(u8 byte) const { ring.put(byte); }
};

/// A line that leads nowhere.
struct Nowhere {
    static bool available() { return true; }
    static void put(u8) {}
};

} // namespace

bool Guest::pump_console(core::VirtualCpu& self) {
    if (record.console == 0) { // channel 0 is the firmware's own
        partition.serial_output(self, Nowhere{});
        return true;
    }
    partition.serial_output(self, RingRoom{console});
    if (console.empty())
        return true;
    x86::serial.pump(console, record.console);
    return console.empty();
}

void Guest::flush_console(core::VirtualCpu& self) {
    while (!pump_console(self) || partition.board().serial_has_output())
        x86::serial.flush(console, record.console);
}

void Guest::warn(u32 kind, const char* what, u64 where) {
    if ((warned.fetch_or(kind) & kind) != 0)
        return;
    x86::LogLine line;
    line << "cloison: " << record.name << ": refused " << what << " " << x86::Hex{where}
         << ", further ones unsaid";
}

bool Guest::make_functions(std::span<const abi::FunctionRecord> records,
                           const abi::ManifestView& manifest) {
    if (records.empty())
        return true;
    static_assert(sizeof(core::VirtioFunction) <= abi::virtio_function_room);
    std::array<abi::VirtioFunctionConfig, abi::max_virtio_functions> configs;
    for (u32 i = 0; i < records.size(); ++i)
        configs[i] = manifest.config_of(records[i]);
    std::array<Extent, abi::max_client_ram> ram;
    u32 pieces = 0;
    for (const abi::MemoryMapEntry& entry :
         abi::partition_memory_map(boot.memory, abi::is_identity(record))->entries())
        if (entry.type == E820_RAM)
            ram[pieces++] = entry.extent;
    record_pages = static_cast<u8*>(x86::arena.pages(abi::io_adapter_pages(records)));
    void* objects = x86::arena.pages(abi::virtio_function_pages(records.size()));
    if (record_pages == nullptr || objects == nullptr)
        return false;
    functions =
        core::make_functions(record_pages, objects, std::span(configs).first(records.size()),
                             std::span(ram).first(pieces));
    abi::IoAdapterRecord(record_pages).adapter().client = records.front().partition;
    return true;
}

bool Guest::map_memory(bool gib_pages) {
    for (const abi::MemoryBlock& block : boot.memory)
        if (!ept.map(block.guest, block.host, block.size, gib_pages))
            return false;
    for (u64 page = guest_map::vga_hole; page < guest_map::vga_hole_end; page += page_size)
        if (!ept.unmap_page(page))
            return false;
    // Where accesses to the local APIC are trapped there must be no page; the tables are made all
    // the same, so that the memory the firmware needs does not depend on the CPU.
    return ept.map_pages(guest_map::local_apic, reinterpret_cast<u64>(apic_access_page),
                         page_size) &&
           (virtual_apic || ept.unmap_page(guest_map::local_apic));
}

void Guest::scrub() const {
    for (const abi::MemoryBlock& block : boot.memory)
        x86::clear_memory(reinterpret_cast<void*>(block.host), block.size);
}

std::optional<core::EntryState> Guest::load() {
    auto at = [](void* context, u64 guest, u64 size) -> u8* {
        u64 host = static_cast<const Ept*>(context)->translate(guest);
        return host == 0 || guest % large_page_size > large_page_size - size
                   ? nullptr
                   : reinterpret_cast<u8*>(host);
    };
    auto copy = [](u8* to, const u8* from, usize size) { x86::copy_memory(to, from, size); };
    core::MemoryWindow window{&ept, at, copy};
    auto map = abi::partition_memory_map(boot.memory, abi::is_identity(record));
    Result<core::EntryState, abi::Rule> entry = abi::Rule::memory_pieces;
    if (map && core::place_bytes(window, guest_map::acpi.base, boot.acpi))
        entry = core::load_linux(
            window,
            {boot.kernel, boot.initrd, boot.cmdline, map->entries(), {}, guest_map::acpi.base});
    if (entry)
        return *entry;
    x86::LogLine line;
    line << "cloison: " << record.name << ": not loaded: rule " << abi::rule_name(entry.error());
    return std::nullopt;
}

} // namespace cloison::vtx
