// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/boot/memory_window.hpp"

#include <algorithm>

namespace cloison::core {

bool place_bytes(const MemoryWindow& window, u64 guest, std::span<const u8> bytes) {
    if (!Extent{guest, bytes.size()}.sane())
        return false;
    while (!bytes.empty()) {
        u64 left_in_page = large_page_size - guest % large_page_size;
        auto piece = bytes.first(std::min<u64>(left_in_page, bytes.size()));
        u8* to = window.at(window.context, guest, piece.size());
        if (to == nullptr)
            return false;
        window.copy(to, piece.data(), piece.size());
        guest += piece.size();
        bytes = bytes.subspan(piece.size());
    }
    return true;
}

} // namespace cloison::core
