// SPDX-License-Identifier: Apache-2.0
// The machine's devices that partitions own, and what comes with them, as the manifest has it.
#pragma once

#include "firmware/abi/manifest.hpp"
#include "partitions/layout/layout.hpp"
#include "partitions/platform/platform.hpp"

#include <vector>

namespace cloison {

/// Devices that partitions own, by address. All of them are the platform's.
std::vector<abi::DeviceRecord> device_records(const Layout& layout, const Platform& platform);

/// Registers, ports and interrupts of the devices and UARTs that partitions own, by kind and base.
/// All of them are the platform's.
std::vector<abi::ResourceRecord> resource_records(const Layout& layout, const Platform& platform);

} // namespace cloison
