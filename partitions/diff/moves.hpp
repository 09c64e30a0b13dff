// SPDX-License-Identifier: Apache-2.0
// CPUs and memory that a partition has elsewhere than before, and who has the old places.
#pragma once

#include "partitions/compile.hpp"

#include <string>
#include <vector>

namespace cloison::diff {

/// Who has one of `apic_ids` in `after`, other than `name`; empty: nobody, so that only the planner
/// knows why they were left.
std::string holder_of_cpus(const std::vector<u32>& apic_ids, const CompiledLayout& after,
                           const std::string& name);

/// The same for memory.
std::string holder_of_memory(const std::vector<PlannedMemory>& memory, const CompiledLayout& after,
                             const std::string& name);

/// CPUs in words.
std::string in_words(const std::vector<u32>& apic_ids);

/// Where the memory is, in words.
std::string places(const std::vector<PlannedMemory>& memory);

} // namespace cloison::diff
