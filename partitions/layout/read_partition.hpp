// SPDX-License-Identifier: Apache-2.0
// Reads the parts of a layout out of their elements.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/xml/reader.hpp"

namespace cloison {

LayoutPartition read_partition(const xml::Reader& reader);

/// CPUs named by <cpu/> elements.
std::vector<PinnedCpu> read_pinned(const xml::Reader& reader);

/// CPUs and memory of a profile, or of a partition that has no profiles.
Profile read_profile(const xml::Reader& reader);

Workload read_workload(const xml::Reader& reader);

} // namespace cloison
