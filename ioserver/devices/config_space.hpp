// SPDX-License-Identifier: Apache-2.0
// Reads of a device's configuration space (virtio 1.2, section 2.5).
#pragma once

#include "firmware/abi/types.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace cloison::io {

/// Fills `to` from byte `offset` of the structure on; zeroes behind its end.
template <typename Config>
void read_config_space(const Config& config, u32 offset, std::span<u8> to) {
    std::fill(to.begin(), to.end(), u8{0});
    if (offset < sizeof config)
        std::memcpy(to.data(), reinterpret_cast<const u8*>(&config) + offset,
                    std::min<usize>(to.size(), sizeof config - offset));
}

} // namespace cloison::io
