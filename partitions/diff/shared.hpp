// SPDX-License-Identifier: Apache-2.0
// Changes of what partitions share: pools, volumes, switches, and whom servers serve.
#pragma once

#include "partitions/diff/diff.hpp"

namespace cloison::diff {

void compare_shared(const CompiledLayout& before, const CompiledLayout& after,
                    std::vector<Change>& changes);

} // namespace cloison::diff
