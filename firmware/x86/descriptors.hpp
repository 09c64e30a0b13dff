// SPDX-License-Identifier: Apache-2.0
// Segment and interrupt descriptors (SDM vol. 3A, 3.4.5 and 6.14). The firmware runs with
// interrupts off throughout; only exceptions, which are its own faults, and NMIs arrive through the
// IDT.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::x86 {

inline constexpr u16 code_selector = 0x08;
inline constexpr u16 data_selector = 0x10;
inline constexpr u16 tss_selector = 0x18;

/// 64-bit TSS (SDM vol. 3A, 7.7): VM exits demand one, though no stack switch ever happens.
struct [[gnu::packed]] Tss {
    u32 reserved0;
    u64 rsp[3];
    u64 reserved1;
    u64 ist[7];
    u64 reserved2;
    u16 reserved3;
    u16 io_map_base;
};
static_assert(sizeof(Tss) == 104);

/// One CPU's descriptor tables.
struct Descriptors {
    alignas(8) u64 gdt[5];
    alignas(8) Tss tss;

    /// Fills the tables and makes this CPU use them and the common IDT.
    void load();
    [[nodiscard]] u64 gdt_base() const { return reinterpret_cast<u64>(gdt); }
    [[nodiscard]] u64 tss_base() const { return reinterpret_cast<u64>(&tss); }
};

/// Fills the common IDT; once, before any load().
void initialise_idt();
u64 idt_base();

} // namespace cloison::x86
