// SPDX-License-Identifier: Apache-2.0
// Why a queue stopped: what its driver did that no driver may do.
#pragma once

#include "firmware/abi/types.hpp"

#include <string_view>

namespace cloison::io {

enum class QueueError : u8 {
    none,
    size_invalid,
    ring_unaligned,
    ring_outside_memory,
    record_invalid,
    index_jump,
    head_out_of_range,
    head_in_flight,
    next_out_of_range,
    chain_too_long,
    buffer_outside_memory,
    indirect_not_negotiated,
    indirect_with_next,
    indirect_nested,
    indirect_size,
    readable_after_writable,
    buffer_too_large,
    request_malformed,
    not_served,
};

/// A sentence for people.
[[nodiscard]] std::string_view describe(QueueError error);

} // namespace cloison::io
