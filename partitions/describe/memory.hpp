// SPDX-License-Identifier: Apache-2.0
// RAM as the machine's firmware told Linux, and the two regions of it that are set aside.
#pragma once

#include "partitions/describe/numa.hpp"

#include <optional>
#include <vector>

namespace cloison::describe {

struct RamRange {
    Extent extent; // whole 4 KiB pages
    std::optional<u32> node;
};

struct Memory {
    TableState state = TableState::absent; // of /sys/firmware/memmap
    std::vector<RamRange> ram;             // ascending, without overlap
    usize left_out = 0;                    // the smallest ranges, where there are more than 64
    Extent firmware;
    std::optional<Extent> staging; // none where no range below 4 GiB has room for it
    [[nodiscard]] bool firmware_in_ram() const;
    [[nodiscard]] u64 size() const;
};

/// Reads the memory map. `processors` is how many CPUs the firmware may have to run. Throws
/// DescribeError.
Memory read_memory(const Tree& tree, const Numa& numa, usize processors);

} // namespace cloison::describe
