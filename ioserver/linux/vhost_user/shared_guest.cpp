// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/vhost_user/shared_guest.hpp"

namespace cloison::io::vhost_user {

SharedGuest::SharedGuest(const MemoryTable& table, std::span<const Descriptor> files) {
    if (table.count > max_memory_regions || files.size() != table.count)
        throw ProtocolError("the memory table does not fit its descriptors");
    for (u32 i = 0; i < table.count; ++i) {
        const MemoryRegion& region = table.regions[i];
        mappings_.emplace_back(files[i], region.mmap_offset, region.size);
        if (!memory_.add(region.guest_address, mappings_.back().bytes()))
            throw ProtocolError("regions of the guest's memory overlap");
        table_.push_back(region);
    }
}

std::optional<u64> SharedGuest::guest_address(u64 user) const {
    for (const MemoryRegion& region : table_)
        if (user >= region.user_address && user - region.user_address < region.size)
            return region.guest_address + (user - region.user_address);
    return std::nullopt;
}

} // namespace cloison::io::vhost_user
