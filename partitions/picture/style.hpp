// SPDX-License-Identifier: Apache-2.0
// The colours of the picture, as CSS classes:
//     p0…p7   partitions; d0…d7 with dots, l0…l7 with lines, where there are more; h0…h7 pools
//     free, fw, staging, rest   memory that no partition has
//     bg, card, wire, tick      the paper, boxes on it, lines
//     t, s, b, k                text: plain, secondary, headings; on a party's colour
#pragma once

#include "firmware/abi/types.hpp"

#include <string>

namespace cloison::picture {

std::string partition_paint(usize index);
std::string pool_paint(usize index);

/// All classes.
std::string style_sheet();
/// The patterns that they refer to, as SVG.
std::string patterns();

} // namespace cloison::picture
