// SPDX-License-Identifier: Apache-2.0
// What follows from a whole plan and from nothing less: the interrupts of the servers' buses in the
// ACPI tables, and the firmware's memory. Both are computed from the manifest, by the code that the
// firmware has for it.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/plan.hpp"
#include "partitions/platform/platform.hpp"
#include "partitions/share/firmware_file.hpp"

#include <optional>
#include <vector>

namespace cloison {

/// Fills PlannedPartition::acpi and MemoryBudget::firmware_used, and gives the manifest of the
/// finished plan. `plan` is one about which no error was reported; what is wrong with it as a whole
/// is. `firmware` is none where the firmware has not been built.
std::vector<u8> finish_plan(const Layout& layout, const Platform& platform,
                            const std::optional<FirmwareFile>& firmware, Plan& plan,
                            Diagnostics& findings);

} // namespace cloison
