// SPDX-License-Identifier: Apache-2.0
// Everything of one partition that lives on this machine: its devices and CPUs, its memory, its
// console, and what it boots.
#pragma once

#include "firmware/abi/manifest_view.hpp"
#include "firmware/core/boot/linux.hpp"
#include "firmware/vtx/ept.hpp"
#include "firmware/vtx/machine.hpp"
#include "firmware/x86/acpi.hpp"
#include "firmware/x86/serial.hpp"

#include <cstring>
#include <optional>
#include <span>

namespace cloison::vtx {

/// What the partition gets at its start: views of the manifest and of the boot modules.
struct BootContents {
    std::span<const abi::MemoryBlock> memory;
    std::span<const u8> kernel;
    std::span<const u8> initrd; // empty: none
    std::span<const u8> cmdline;
    std::span<const u8> acpi;
};

class Server;

struct Guest {
    Guest(const abi::PartitionRecord& r, const BootContents& b, u64 tsc_hz, u64 epoch)
        : record(r),
          boot(b),
          partition(machine, tsc_hz, epoch),
          ept(x86::arena),
          console_burst(x86::serial_burst_ticks(tsc_hz)) {}

    const abi::PartitionRecord& record;
    BootContents boot;
    VtxMachine machine;
    Partition partition;
    Ept ept;
    x86::ConsoleRing console;
    Guest* next = nullptr;         // in the list of all
    Guest* next_console = nullptr; // in the list of those with consoles
    /// The CPU serves its local APICs, not the firmware. So not where interrupts of the machine's
    /// arrive while it runs (docs/decisions/0020-called-by-nmi.md).
    bool virtual_apic = false;
    u32 predecessors = 0;       // number of partitions that start before this one
    u8* record_pages = nullptr; // the adapter record; null: the partition is not served
    std::span<core::VirtioFunction> functions; // that it is served with
    u8* io_bitmaps = nullptr;                  // of a server: ports that do not exit
    Server* server = nullptr;                  // what it has as one
    std::atomic<u32> life{0}; // how often it was started anew; `over`: it will not be any more
    static constexpr u32 over = ~u32{0};
    u64 console_burst;          // ticks that a full transmit FIFO takes
    std::atomic<u32> warned{0}; // kinds of refused access already logged

    /// Makes the adapter record and the functions of `records`, which are sound. False: the arena
    /// is used up.
    bool make_functions(std::span<const abi::FunctionRecord> records,
                        const abi::ManifestView& manifest);
    /// Makes the EPT. False: the arena is used up.
    bool map_memory(bool gib_pages);
    /// Zeroes all memory of the partition, so that nothing of a former owner is left.
    void scrub() const;
    /// Puts ACPI tables, kernel, initrd and command line into memory; where to enter, or nullopt
    /// after having logged why not.
    std::optional<core::EntryState> load();

    /// Moves console output on, without waiting; false when some is left for later.
    bool pump_console(core::VirtualCpu& self);
    /// Moves all console output out, waiting for the line.
    void flush_console(core::VirtualCpu& self);
    /// Logs a refused access of this kind, the first time only.
    void warn(u32 kind, const char* what, u64 where);

    /// Reads guest-physical memory; nothing where there is no RAM.
    template <typename T>
    [[nodiscard]] std::optional<T> read(u64 guest) const {
        if (guest % page_size > page_size - sizeof(T))
            return std::nullopt;
        u64 host = ept.translate(guest);
        if (host == 0)
            return std::nullopt;
        T value;
        std::memcpy(&value, reinterpret_cast<const void*>(host), sizeof value);
        return value;
    }
    /// For the page walker: a table where there is no memory has all bits set.
    [[nodiscard]] std::optional<u64> read_u64(u64 guest) const {
        return read<u64>(guest).value_or(~u64{0});
    }
    [[nodiscard]] std::optional<u32> read_u32(u64 guest) const {
        return read<u32>(guest).value_or(~u32{0});
    }

    /// Guest's 0xFEE00000 page where the CPU virtualises APIC accesses: never read or written, the
    /// CPU only compares its address; one for each partition all the same, so that none can be
    /// shared.
    alignas(page_size) u8 apic_access_page[page_size];
};

/// Kinds of access that are refused as bare hardware would, and logged once for each partition.
namespace refused {
inline constexpr u32 msr_read = 1 << 0, msr_write = 1 << 1, memory = 1 << 2, instruction = 1 << 3,
                     task_switch = 1 << 4, port = 1 << 5;
}

} // namespace cloison::vtx
