// SPDX-License-Identifier: Apache-2.0
// The planner: what each partition gets, and whether the machine has it.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/images.hpp"
#include "partitions/plan/plan.hpp"
#include "partitions/platform/platform.hpp"

#include <vector>

namespace cloison {

/// The images of one partition, by number.
struct BootImages {
    u32 kernel = abi::no_image;
    u32 initrd = abi::no_image;
};

/// The images of each partition of the layout, put into `table`; what is wrong with them is
/// reported.
std::vector<BootImages> find_images(const Layout& layout, ImageTable& table, Diagnostics& findings);

/// Binds `layout` to `platform`, which must be sound. `boot` and `table` are from find_images().
/// What follows from the whole plan, the ACPI tables and the firmware's memory, is for
/// finish_plan() if no error was reported, by this function or before.
Plan make_plan(const Layout& layout, const Platform& platform, const std::vector<BootImages>& boot,
               const ImageTable& table, Diagnostics& findings);

} // namespace cloison
