// SPDX-License-Identifier: Apache-2.0
// Puts a Linux kernel, a bzImage or a vmlinux, into memory, ready to run from its 64-bit entry (The
// Linux/x86 Boot Protocol, "64-bit Boot Protocol"). The same code starts partitions and, on the
// bare machine, the reference that they are measured against.
#pragma once

#include "firmware/abi/memory_map.hpp"
#include "firmware/abi/result.hpp"
#include "firmware/abi/rules.hpp"
#include "firmware/core/boot/memory_window.hpp"

#include <span>

namespace cloison::core {

struct LinuxBoot {
    std::span<const u8> kernel;  // the whole file
    std::span<const u8> initrd;  // may be empty
    std::span<const u8> cmdline; // without NUL
    /// All of the machine's memory: handed to the kernel, and searched for places. A partition's is
    /// abi::partition_memory_map().
    std::span<const abi::MemoryMapEntry> memory;
    /// What must not be overwritten although it is RAM: the loader's own memory, the images.
    std::span<const Extent> keep_out;
    u64 rsdp; // address of the ACPI root pointer
};

/// The boot CPU's registers at the kernel's entry: long mode, interrupts off, flat segments.
struct EntryState {
    u16 cs, ds;
    u64 gdt_base;
    u16 gdt_limit;
    u64 cr3, rip, rsp, rsi;
};

/// Loads everything through `window`. The rules that can be broken: image_kind (not a kernel that
/// can be booted, see parse_kernel), cmdline_length, memory_pieces (a longer memory map than the
/// protocol has room for), image_fit (no place, or the window has no memory where the map says
/// RAM).
Result<EntryState, abi::Rule> load_linux(const MemoryWindow& window, const LinuxBoot& boot);

} // namespace cloison::core
