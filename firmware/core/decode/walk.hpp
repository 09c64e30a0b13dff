// SPDX-License-Identifier: Apache-2.0
// Translates a guest's linear address by the guest's own page tables, in every paging mode (SDM
// vol. 3A, chapter 4). The tables are the guest's, so anything may be in them.
//
// Not done: accessed and dirty flags are not set, and protection keys and shadow stacks are not
// looked at (CR4.PKE, PKS and CET are not for guests). 1-GiB pages and PSE-36 are taken to be
// there. PAE's four top entries are read from memory, where the processor keeps those that MOV to
// CR3 found.
#pragma once

#include "firmware/abi/types.hpp"

#include <optional>

namespace cloison::core {

/// The control registers that decide over translation.
struct PagingState {
    u64 cr0 = 0;
    u64 cr3 = 0;
    u64 cr4 = 0;
    u64 efer = 0;
    u64 rflags = 0;
    u8 physical_bits = 36; // MAXPHYADDR; values outside 32 to 52 count as the nearest of them
    bool user = false;     // CPL is 3
};

enum class AccessKind : u8 { read, write, fetch };

/// Bits of a page fault's error code (SDM vol. 3A, 4.7).
namespace page_fault {
inline constexpr u32 present = 1 << 0, write = 1 << 1, user = 1 << 2, reserved = 1 << 3,
                     fetch = 1 << 4;
}

struct WalkResult {
    enum class Outcome : u8 {
        mapped,
        page_fault,    // #PF(error_code), CR2 = the linear address
        non_canonical, // #GP(0), or #SS(0) in the stack segment
        no_memory,     // a page table lies where the guest has no memory
    };

    Outcome outcome = Outcome::no_memory;
    u64 physical = 0;   // meaningful only if mapped(); may lie outside the guest's memory
    u32 error_code = 0; // meaningful only for page_fault

    [[nodiscard]] bool mapped() const { return outcome == Outcome::mapped; }
};

/// How the walker reads page-table entries: `read` returns `size` (4 or 8) bytes, naturally
/// aligned.
struct TableReader {
    const void* memory;
    std::optional<u64> (*read)(const void* memory, u64 guest_physical, u8 size);
};

WalkResult walk(TableReader reader, const PagingState& state, u64 linear, AccessKind kind);

/// `memory` offers read_u64(guest_physical) and read_u32(guest_physical), both of which return an
/// optional, empty where there is no memory. Outside long mode only the low 32 bits of `linear`
/// count; in compatibility mode the caller truncates the sum of base and offset to them.
template <typename Memory>
WalkResult walk(const Memory& memory, const PagingState& state, u64 linear, AccessKind kind) {
    auto read = [](const void* context, u64 address, u8 size) -> std::optional<u64> {
        const auto& m = *static_cast<const Memory*>(context);
        return size == 8 ? std::optional<u64>(m.read_u64(address))
                         : std::optional<u64>(m.read_u32(address));
    };
    return walk(TableReader{&memory, read}, state, linear, kind);
}

} // namespace cloison::core
