// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/decode/page_tables.hpp"

namespace cloison::core {

std::optional<u32> GuestMemory::read_u32(u64 address) const {
    if (address % 4 != 0 || address >= size)
        return std::nullopt;
    auto word = words_.find(address);
    return word == words_.end() ? 0 : word->second;
}

std::optional<u64> GuestMemory::read_u64(u64 address) const {
    auto low = read_u32(address), high = read_u32(address + 4);
    if (address % 8 != 0 || !low || !high)
        return std::nullopt;
    return u64{*high} << 32 | *low;
}

void GuestMemory::write_u64(u64 address, u64 value) {
    write_u32(address, static_cast<u32>(value));
    write_u32(address + 4, static_cast<u32>(value >> 32));
}

PageTables::PageTables(PagingMode mode, u64 linear, u64 physical, u32 leaf_level)
    : mode_(mode),
      linear_(linear),
      leaf_(leaf_level) {
    state.cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_WP;
    state.cr4 = X86_CR4_PSE;
    state.physical_bits = 40;
    if (mode != PagingMode::legacy)
        state.cr4 |= X86_CR4_PAE;
    if (mode == PagingMode::five_level)
        state.cr4 |= X86_CR4_LA57;
    if (mode == PagingMode::four_level || mode == PagingMode::five_level)
        state.efer = efer_lma;
    state.cr3 = top() * u64{0x10000};
    for (u32 level : levels()) {
        u64 rights = has_rights(level) ? all_rights : bit_p;
        if (level == leaf_)
            set_entry(level, physical | rights | (level > 1 ? bit_ps : 0));
        else
            set_entry(level, (level - 1) * u64{0x10000} | rights);
    }
}

u32 PageTables::top() const {
    switch (mode_) {
    case PagingMode::legacy:
        return 2;
    case PagingMode::pae:
        return 3;
    case PagingMode::four_level:
        return 4;
    case PagingMode::five_level:
        break;
    }
    return 5;
}

std::vector<u32> PageTables::levels() const {
    std::vector<u32> all;
    for (u32 level = top(); level >= leaf_; --level)
        all.push_back(level);
    return all;
}

u64 PageTables::address_of_entry(u32 level) const {
    u64 table = level * u64{0x10000};
    if (mode_ == PagingMode::legacy)
        return table + (linear_ >> (level == 2 ? 22 : 12)) % 1024 * 4;
    constexpr u32 shifts[] = {0, 12, 21, 30, 39, 48};
    return table + (linear_ >> shifts[level]) % 512 * 8;
}

u64 PageTables::entry(u32 level) const {
    u64 address = address_of_entry(level);
    return mode_ == PagingMode::legacy ? memory.read_u32(address).value()
                                       : memory.read_u64(address).value();
}

void PageTables::set_entry(u32 level, u64 value) {
    u64 address = address_of_entry(level);
    if (mode_ == PagingMode::legacy)
        memory.write_u32(address, static_cast<u32>(value));
    else
        memory.write_u64(address, value);
}

} // namespace cloison::core
