// SPDX-License-Identifier: Apache-2.0
// One ring as the front end describes it, bit by bit, until there is enough to start a queue.
#pragma once

#include "ioserver/linux/vhost_user/shared_guest.hpp"

#include "ioserver/devices/queue/ring.hpp"

namespace cloison::io::vhost_user {

struct Vring {
    u32 size = 0;
    u16 base = 0;
    std::optional<vhost_vring_addr> address; // in the front end's address space
    Descriptor kick;                         // readable when the driver kicked
    Descriptor call;                         // to notify the driver
    Descriptor error;                        // to say that the ring is broken
    bool enabled = false;
    bool running = false;
    bool broken = false;
    std::vector<u64> own_record; // where the front end keeps none

    [[nodiscard]] bool ready() const { return address && kick && enabled && size > 0; }

    /// Where the rings lie for the guest. Throws ProtocolError when they are not its memory.
    [[nodiscard]] QueueLayout layout(const SharedGuest& guest) const {
        auto translate = [&](u64 user) {
            std::optional<u64> found = guest.guest_address(user);
            if (!found)
                throw ProtocolError("a ring is outside the shared memory");
            return *found;
        };
        return {size, translate(address->desc_user_addr), translate(address->avail_user_addr),
                translate(address->used_user_addr)};
    }
};

} // namespace cloison::io::vhost_user
