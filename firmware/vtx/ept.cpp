// SPDX-License-Identifier: Apache-2.0
#include "firmware/vtx/ept.hpp"

#include "firmware/abi/footprint.hpp"

namespace cloison::vtx {

namespace {

// SDM vol. 3C, tables 29-1 to 29-7.
constexpr u64 access = 7, executable = 4, write_back = 6 << 3, memory_type = 7 << 3,
              ignore_pat = 1 << 6, large = 1 << 7;
constexpr u64 address_mask = 0x000F'FFFF'FFFF'F000;

constexpr u64 index(u64 guest, u32 level) {
    return guest >> (12 + 9 * level) & 511;
}

constexpr u64 attributes(Mapping what) {
    switch (what) {
    case Mapping::memory:
        return access | write_back;
    case Mapping::shared:
        return (access & ~executable) | write_back | ignore_pat;
    case Mapping::read_only:
        return 1 | write_back | ignore_pat;
    case Mapping::device:
        return access & ~executable; // type 0: uncached
    }
    return 0;
}

constexpr u64 leaf(u64 host, u32 level, Mapping what) {
    return host | attributes(what) | (level > 0 ? large : 0);
}

} // namespace

/// The entry for `guest` at `level` (0: 4 KiB, 1: 2 MiB, 2: 1 GiB), making tables on the way.
u64* Ept::entry(u64 guest, u32 level) {
    if (root_ == nullptr && (root_ = static_cast<Table*>(arena_.pages(1))) == nullptr)
        return nullptr;
    Table* table = root_;
    for (u32 l = 3; l > level; --l) {
        u64& e = (*table)[index(guest, l)];
        if (e == 0) {
            void* fresh = arena_.pages(1);
            if (fresh == nullptr)
                return nullptr;
            e = reinterpret_cast<u64>(fresh) | access;
        } else if ((e & large) != 0 && !split(e)) {
            return nullptr;
        }
        table = reinterpret_cast<Table*>(e & address_mask);
    }
    return &(*table)[index(guest, level)];
}

/// Turns a 2 MiB page of memory into a table of 4 KiB pages. (1 GiB pages are never split: nothing
/// below 1 GiB or between 3 and 4 GiB is mapped by one.)
bool Ept::split(u64& e) {
    auto* table = static_cast<Table*>(arena_.pages(1));
    if (table == nullptr)
        return false;
    u64 base = e & address_mask;
    for (u64 i = 0; i < 512; ++i)
        (*table)[i] = leaf(base + i * page_size, 0, Mapping::memory);
    e = reinterpret_cast<u64>(table) | access;
    return true;
}

bool Ept::map(u64 guest, u64 host, u64 size, bool use_1gib, Mapping what) {
    while (size != 0) {
        bool gib_page = abi::ept_takes_gib_page(guest, host, size, use_1gib);
        u32 level = gib_page ? 2 : 1;
        u64 step = gib_page ? gib : large_page_size;
        u64* e = entry(guest, level);
        if (e == nullptr)
            return false;
        *e = leaf(host, level, what);
        guest += step;
        host += step;
        size -= step;
    }
    return true;
}

bool Ept::map_pages(u64 guest, u64 host, u64 size, Mapping what) {
    for (u64 done = 0; done < size; done += page_size) {
        u64* e = entry(guest + done, 0);
        if (e == nullptr)
            return false;
        *e = leaf(host + done, 0, what);
    }
    return true;
}

bool Ept::unmap_page(u64 guest) {
    u64* e = entry(guest, 0);
    if (e == nullptr)
        return false;
    *e = 0;
    return true;
}

u64 Ept::find(u64 guest, u64 wanted) const {
    if (root_ == nullptr || guest >> 48 != 0)
        return 0;
    const Table* table = root_;
    for (u32 l = 3;; --l) {
        u64 e = (*table)[index(guest, l)];
        if ((e & wanted) == 0)
            return 0;
        if (l == 0 || (e & large) != 0) {
            if ((e & memory_type) != write_back)
                return 0;
            u64 offset_mask = (u64{1} << (12 + 9 * l)) - 1;
            return (e & address_mask & ~offset_mask) | (guest & offset_mask);
        }
        table = reinterpret_cast<const Table*>(e & address_mask);
    }
}

} // namespace cloison::vtx
