// SPDX-License-Identifier: Apache-2.0
// A plan as a picture: the machine's CPUs, memory and devices, each in the colour of its owner.
#pragma once

#include "partitions/compile.hpp"

#include <string>

namespace cloison::picture {

/// A self-contained SVG 1.1 document, the same text for the same plan. It follows the reader's
/// choice of light or dark colours, and prints in light ones.
std::string draw(const CompiledLayout& compiled);

} // namespace cloison::picture
