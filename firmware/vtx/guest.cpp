// SPDX-License-Identifier: Apache-2.0
#include "firmware/vtx/guest.hpp"

#include "firmware/x86/log.hpp"

namespace cloison::vtx {

namespace {

/// Lets the UART's output into the ring while there is room.
struct RingRoom {
    x86::ConsoleRing& ring;
    [[nodiscard]] bool available() const { return !ring.full(); }
    void put(u8 byte) const { ring.put(byte); }
};

} // namespace

bool Guest::pump_console(core::VirtualCpu& self) {
    partition.serial_output(self, RingRoom{console});
    if (console.empty())
        return true;
    x86::serial.pump(console, record.console);
    return console.empty();
}

void Guest::flush_console(core::VirtualCpu& self) {
    do {
        partition.serial_output(self, RingRoom{console});
        x86::serial.flush(console, record.console);
    } while (partition.board().serial_has_output());
}

void Guest::warn(u32 kind, const char* what, u64 where) {
    if ((warned.fetch_or(kind) & kind) != 0)
        return;
    x86::LogLine line;
    line << "cloison: " << record.name << ": refused " << what << " " << x86::Hex{where} << ", further ones unsaid";
}

core::MemoryWindow Guest::window() {
    auto at = [](void* context, u64 guest, u64 size) -> u8* {
        auto& ept = static_cast<Guest*>(context)->ept;
        u64 host = ept.translate(guest);
        // Blocks are made of whole 2 MiB pages; the loader crosses none.
        if (host == 0 || ept.translate(guest + size - 1) != host + size - 1)
            return nullptr;
        return reinterpret_cast<u8*>(host);
    };
    auto copy = [](u8* to, const u8* from, usize size) { x86::copy_memory(to, from, size); };
    return {this, at, copy};
}

} // namespace cloison::vtx
