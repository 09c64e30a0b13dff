// SPDX-License-Identifier: Apache-2.0
#include "tests/guest/paging.hpp"

#include "firmware/x86/instructions.hpp"

namespace cloison::guest {

namespace {

constexpr u64 present = 1 << 0, writable = 1 << 1, user = 1 << 2, large = 1 << 7;
constexpr u64 table_flags = present | writable | user;
constexpr u64 window_base = u64{1} << 39; // the second entry of the root

struct alignas(page_size) Table {
    u64 entries[512];
};
Table root, low_directories_table, low_directories[4], window_directories, window_directory;

u64 entry_to(const Table& table) {
    return reinterpret_cast<u64>(&table) | table_flags;
}

void flush(u64 address) {
    asm volatile("invlpg (%0)" : : "r"(address) : "memory");
}

} // namespace

void initialise_paging() {
    root.entries[0] = entry_to(low_directories_table);
    for (u64 g = 0; g < 4; ++g) {
        low_directories_table.entries[g] = entry_to(low_directories[g]);
        for (u64 i = 0; i < 512; ++i)
            low_directories[g].entries[i] = (g * gib + i * large_page_size) | table_flags | large;
    }
    root.entries[1] = entry_to(window_directories);
    window_directories.entries[0] = entry_to(window_directory);
    asm volatile("mov %0, %%cr3" : : "r"(page_table_root()) : "memory");
}

u64 page_table_root() {
    return reinterpret_cast<u64>(&root);
}

volatile u8* window(u64 physical) {
    u64 base = round_down(physical, large_page_size);
    for (u64 i = 0; i < 2; ++i) {
        window_directory.entries[i] = (base + i * large_page_size) | table_flags | large;
        flush(window_base + i * large_page_size);
    }
    return reinterpret_cast<volatile u8*>(window_base + (physical - base));
}

volatile u8* window_through_table(u64 table) {
    window_directory.entries[0] = table | table_flags;
    flush(window_base);
    return reinterpret_cast<volatile u8*>(window_base);
}

u32 physical_bits() {
    return x86::cpuid(0x80000008).eax & 0xFF;
}

} // namespace cloison::guest
