// SPDX-License-Identifier: Apache-2.0
// The guest's memory as a front end shares it, by guest address and by the front end's own.
#pragma once

#include "ioserver/devices/queue/guest_memory.hpp"
#include "ioserver/linux/vhost_user/connection.hpp"

#include <vector>

namespace cloison::io::vhost_user {

class SharedGuest {
  public:
    SharedGuest() = default;
    /// Maps what the table says. Throws ProtocolError or ServerError.
    SharedGuest(const MemoryTable& table, std::span<const Descriptor> files);

    [[nodiscard]] const GuestRegions& memory() const { return memory_; }
    /// The guest address of what the front end has at `user`; rings are told of in that way.
    [[nodiscard]] std::optional<u64> guest_address(u64 user) const;

  private:
    std::vector<MemoryRegion> table_;
    std::vector<Mapping> mappings_;
    GuestRegions memory_;
};

} // namespace cloison::io::vhost_user
