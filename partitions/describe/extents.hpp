// SPDX-License-Identifier: Apache-2.0
// Sets of addresses as lists of ranges.
#pragma once

#include "firmware/abi/types.hpp"

#include <vector>

namespace cloison::describe {

inline constexpr u64 address_space = u64{1} << 52; // the most that page tables can address

/// The addresses of `from` that are not in `what`, ascending and each once. Both may be in any
/// order and overlap themselves. No range ends beyond address_space.
std::vector<Extent> subtract(std::vector<Extent> from, std::vector<Extent> what);

/// The whole pages inside ascending ranges; ranges that adjoin are one.
std::vector<Extent> pages_inside(const std::vector<Extent>& ranges);

/// The pages that ascending ranges touch; ranges that adjoin are one.
std::vector<Extent> pages_touched(const std::vector<Extent>& ranges);

} // namespace cloison::describe
