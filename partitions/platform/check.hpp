// SPDX-License-Identifier: Apache-2.0
// What a platform file must be in itself, before a layout is bound to it.
#pragma once

#include "partitions/platform/platform.hpp"

namespace cloison {

/// CPUs have APIC IDs of their own and threads of their own; nodes are there.
void check_topology(const Platform& platform, Diagnostics& findings);

/// Devices, their registers, ports and interrupts are of one device each and outside the RAM.
void check_devices(const Platform& platform, Diagnostics& findings);

} // namespace cloison
