// SPDX-License-Identifier: Apache-2.0
// The elements of one partition, bound.
#pragma once

#include "partitions/bindings/bindings.hpp"
#include "partitions/bindings/element_writer.hpp"

namespace cloison::bindings {

/// CPUs by APIC ID.
void write_cpus(ElementWriter& out, const std::vector<u32>& apic_ids);

/// A size, also where it is none.
std::string size_text(u64 bytes);

/// The <partition> at `index` of the layout.
void write_partition(ElementWriter& out, const CompiledLayout& compiled, usize index,
                     const Folders& folders);

} // namespace cloison::bindings
