// SPDX-License-Identifier: Apache-2.0
// The rules about what a layout means: each pass looks at one matter and reports everything about
// it. partitions/rules/texts.cpp says what each rule's ID stands for.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/plan.hpp"
#include "partitions/platform/platform.hpp"

namespace cloison {

/// Physical devices: they exist, have one owner, and reach nobody else's memory or interrupts.
void check_owned_devices(const Layout& layout, const Platform& platform, Diagnostics& findings);

/// Volumes, switches and consoles: those who serve them exist, are servers, and do not wait for
/// each other.
void check_servers(const Layout& layout, Diagnostics& findings);

/// Disks, networks and consoles of each partition: what they name exists and is theirs to have.
void check_served_devices(const Layout& layout, Diagnostics& findings);

/// Pools of shared processors: they exist and hold the entitlements.
void check_pools(const Layout& layout, Diagnostics& findings);

/// Profiles that are not activated now could be: alone, and beside the others.
void check_profiles(const Layout& layout, const Platform& platform, const Plan& plan,
                    Diagnostics& findings);

/// Cores that partitions share.
void check_siblings(const Layout& layout, const Platform& platform, const Plan& plan,
                    Diagnostics& findings);

/// Masters: they exist, and no partition is its own.
void check_masters(const Layout& layout, Diagnostics& findings);

/// What the workloads ask of volumes and switches, against what these carry.
void check_budget(const Layout& layout, Diagnostics& findings);

/// Kernels that talk where nobody listens, servers that start after their clients.
void advise(const Layout& layout, Diagnostics& findings);

/// All of the above that need neither platform nor plan.
void check_meaning(const Layout& layout, Diagnostics& findings);

/// What the firmware of this version does not do yet, in the layout alone and on its platform. A
/// layout without such findings boots.
void report_not_yet(const Layout& layout, Diagnostics& findings);
void report_not_yet(const Layout& layout, const Platform& platform, Diagnostics& findings);

} // namespace cloison
