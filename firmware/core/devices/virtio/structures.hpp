// SPDX-License-Identifier: Apache-2.0
// Where virtio's structures are in the BAR of a function: each has a page to itself.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::core::structure {

inline constexpr u32 page = page_size;
inline constexpr u32 common = 0 * page, isr = 1 * page, device = 2 * page, notify = 3 * page,
                     msix_table = 4 * page, msix_pending = 5 * page; // the rest is empty

/// Bytes between the notification registers of two queues.
inline constexpr u32 notify_multiplier = 4;

} // namespace cloison::core::structure
