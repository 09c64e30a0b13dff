// SPDX-License-Identifier: Apache-2.0
// The machine's PCI configuration space, by mechanism #1 (PCI Local Bus 3.0, 3.2.2.3.2): segment 0,
// the first 256 bytes of each function.
#pragma once

#include "firmware/core/devices/server/owned_function.hpp"

namespace cloison::x86 {

/// May be used on any CPU at any time. In other segments there is nothing.
extern const core::HostConfiguration pci_configuration;

} // namespace cloison::x86
