// SPDX-License-Identifier: Apache-2.0
// How a loader reaches the memory it fills: a partition's, through its extended page tables, or the
// machine's own.
#pragma once

#include "firmware/abi/types.hpp"

#include <span>

namespace cloison::core {

struct MemoryWindow {
    void* context;
    /// Where the loader can write [guest, guest + size), or null when not all of it is memory. Only
    /// asked for ranges inside one 2 MiB page, since pages that touch for the guest need not touch
    /// on the machine.
    u8* (*at)(void* context, u64 guest, u64 size);
    void (*copy)(u8* to, const u8* from, usize size);
};

/// Copies `bytes` to guest address `guest`. False when a part of them met no memory; then some may
/// have been copied.
[[nodiscard]] bool place_bytes(const MemoryWindow& window, u64 guest, std::span<const u8> bytes);

/// Writes `size` zeroes to guest address `guest`; false as above.
[[nodiscard]] bool place_zeroes(const MemoryWindow& window, u64 guest, u64 size);

} // namespace cloison::core
