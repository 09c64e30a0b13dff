// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/boot/memory_window.hpp"

#include <algorithm>
#include <cstring>

namespace cloison::core {

namespace {

/// Calls write(to, piece) for each piece of [guest, guest + size), pieces ending where 2 MiB pages
/// do. False when one of them met no memory.
template <typename Write>
bool for_each_piece(const MemoryWindow& window, u64 guest, u64 size, Write write) {
    if (!Extent{guest, size}.sane())
        return false;
    while (size != 0) {
        u64 piece = std::min(large_page_size - guest % large_page_size, size);
        u8* to = window.at(window.context, guest, piece);
        if (to == nullptr)
            return false;
        write(to, piece);
        guest += piece;
        size -= piece;
    }
    return true;
}

} // namespace

bool place_bytes(const MemoryWindow& window, u64 guest, std::span<const u8> bytes) {
    return for_each_piece(window, guest, bytes.size(), [&](u8* to, u64 piece) {
        window.copy(to, bytes.data(), piece);
        bytes = bytes.subspan(piece);
    });
}

bool place_zeroes(const MemoryWindow& window, u64 guest, u64 size) {
    return for_each_piece(window, guest, size,
                          [](u8* to, u64 piece) { std::memset(to, 0, piece); });
}

} // namespace cloison::core
