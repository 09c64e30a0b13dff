// SPDX-License-Identifier: Apache-2.0
// The elements that a platform and its parts have in common.
#pragma once

#include "partitions/platform/platform.hpp"
#include "partitions/xml/reader.hpp"

namespace cloison {

/// A base and a size; an empty range, with a finding, where no processor can address it.
PlatformRange read_range(const xml::Reader& reader);

/// Appends the CPUs, nodes, RAM, devices and UARTs in `reader` to `platform`.
void read_elements(const xml::Reader& reader, Platform& platform);

} // namespace cloison
