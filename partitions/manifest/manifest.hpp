// SPDX-License-Identifier: Apache-2.0
// Writes a plan in the form that the firmware reads (firmware/abi/manifest.hpp).
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/plan.hpp"
#include "partitions/platform/platform.hpp"
#include "partitions/result/purpose.hpp"

#include <string>
#include <vector>

namespace cloison {

/// The manifest of `plan`, CRC included.
std::vector<u8> make_manifest(const Layout& layout, const Platform& platform, const Plan& plan);

/// Says in a finished manifest how much memory the firmware will use for it.
void set_firmware_memory(std::vector<u8>& manifest, u64 bytes);

/// One sentence about the rule that `manifest` breaks; empty when the firmware would take it, or
/// for Purpose::model, when a firmware that does all of the language would.
std::string verify_manifest(const std::vector<u8>& manifest, Purpose purpose);

} // namespace cloison
