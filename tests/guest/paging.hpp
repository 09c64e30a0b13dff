// SPDX-License-Identifier: Apache-2.0
// The page tables of a test guest: the first 4 GiB at their own addresses, and a window through
// which any physical address can be reached. All of it is open to user mode.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::guest {

/// Makes the tables and loads CR3. Before any other CPU starts.
void initialise_paging();
/// What CR3 is.
u64 page_table_root();

/// Points the window at `physical` and what follows, at least 2 MiB; where it is then. Boot CPU
/// only.
volatile u8* window(u64 physical);
/// The same, through a page table that is itself at `table`: which entry, and all of them, is up to
/// what is there.
volatile u8* window_through_table(u64 table);
/// An address that is not mapped.
inline constexpr u64 unmapped_address = u64{2} << 39;

/// The number of bits of a physical address, as CPUID has it.
u32 physical_bits();

} // namespace cloison::guest
