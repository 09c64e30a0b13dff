// SPDX-License-Identifier: Apache-2.0
// Extended page tables: a partition's guest-physical memory (SDM vol. 3C, 29.3).
#pragma once

#include "firmware/abi/types.hpp"
#include "firmware/x86/arena.hpp"

namespace cloison::vtx {

/// What a mapping is of, and how its partition may use it.
enum class Mapping : u8 {
    memory,    // readable, writable, executable; write-back
    shared,    // readable, writable; write-back whatever the guest's PAT says
    read_only, // readable; write-back, the same
    device,    // readable, writable; uncached. Never touched by the firmware itself
};

class Ept {
  public:
    explicit Ept(x86::Arena& arena) : arena_(arena) {}

    /// Maps [guest, guest + size) to host memory, all multiples of 2 MiB; in 1 GiB pages where
    /// `use_1gib` and the addresses allow. False when the arena is used up.
    bool map(u64 guest, u64 host, u64 size, bool use_1gib, Mapping what = Mapping::memory);
    /// Maps [guest, guest + size) in 4 KiB pages.
    bool map_pages(u64 guest, u64 host, u64 size, Mapping what = Mapping::memory);
    /// Takes the 4 KiB page at `guest` out, splitting a 2 MiB page if need be.
    bool unmap_page(u64 guest);

    /// Host address of the memory behind `guest`, or 0 where there is none, or none that the
    /// partition may write to.
    [[nodiscard]] u64 translate(u64 guest) const { return find(guest, readable); }
    [[nodiscard]] u64 translate_for_write(u64 guest) const { return find(guest, writable); }

    [[nodiscard]] u64 root() const { return reinterpret_cast<u64>(root_); }

  private:
    using Table = u64[512];
    static constexpr u64 readable = 1, writable = 2; // SDM vol. 3C, table 29-1

    [[nodiscard]] u64 find(u64 guest, u64 wanted) const;
    u64* entry(u64 guest, u32 level);
    bool split(u64& entry);

    x86::Arena& arena_;
    Table* root_ = nullptr;
};

} // namespace cloison::vtx
