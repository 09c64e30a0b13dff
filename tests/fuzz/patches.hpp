// SPDX-License-Identifier: Apache-2.0
// Fuzzing input as changes to something sound, so that what lies behind the first checks is
// reached.
#pragma once

#include "firmware/abi/types.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

namespace cloison::fuzz {

/// Applies `input`, records of a position (3 bytes), a width (1) and a value (up to 8), to `bytes`.
/// A position past the end wraps around.
inline void apply_patches(std::vector<u8>& bytes, std::span<const u8> input) {
    constexpr usize head = 4;
    while (input.size() > head && !bytes.empty()) {
        usize position = (input[0] | usize{input[1]} << 8 | usize{input[2]} << 16) % bytes.size();
        usize width = usize{1} << (input[3] & 3);
        input = input.subspan(head);
        width = std::min({width, input.size(), bytes.size() - position});
        std::memcpy(bytes.data() + position, input.data(), width);
        input = input.subspan(width);
    }
}

} // namespace cloison::fuzz
