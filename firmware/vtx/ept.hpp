// SPDX-License-Identifier: Apache-2.0
// Extended page tables: a partition's guest-physical memory (SDM vol. 3C, 29.3).
#pragma once

#include "firmware/abi/types.hpp"
#include "firmware/x86/arena.hpp"

namespace cloison::vtx {

class Ept {
  public:
    explicit Ept(x86::Arena& arena) : arena_(arena) {}

    /// Maps [guest, guest + size) to host memory, all multiples of 2 MiB, readable, writable,
    /// executable, write-back; in 1 GiB pages where `use_1gib` and the addresses allow. False when
    /// the arena is used up.
    bool map(u64 guest, u64 host, u64 size, bool use_1gib);
    /// Maps the 4 KiB page at `guest` to `host`.
    bool map_page(u64 guest, u64 host);
    /// Takes the 4 KiB page at `guest` out, splitting a 2 MiB page if need be.
    bool unmap_page(u64 guest);

    /// Host address behind `guest`, or 0 when nothing is mapped.
    [[nodiscard]] u64 translate(u64 guest) const;

    [[nodiscard]] u64 root() const { return reinterpret_cast<u64>(root_); }

  private:
    using Table = u64[512];

    u64* entry(u64 guest, u32 level);
    bool split(u64& entry);

    x86::Arena& arena_;
    Table* root_ = nullptr;
};

} // namespace cloison::vtx
