// SPDX-License-Identifier: Apache-2.0
// What servers serve: the virtio functions of each partition, and what each server is told to make
// of them (firmware/abi/manifest.hpp: FunctionRecord, ServiceRecord).
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/plan.hpp"

namespace cloison {

/// Of the disks, of both queues of a network, of each queue of the consoles. Large enough to keep a
/// disk busy; a person types into a console.
inline constexpr u16 data_queue_size = 256, console_queue_size = 64;

/// A disk has a queue for each CPU, so that no two wait for one lock; more than these would cost
/// more than they gain.
inline constexpr u32 max_disk_queues = 4;

/// Ports of a partition's one console function: the two control queues and two for each port.
inline constexpr usize max_virtio_consoles = abi::max_virtqueues / 2 - 1;

/// Fills PlannedPartition::functions and Plan::services; reports where there are more than a
/// manifest holds. What is served by nobody is left out: that has been reported. Expects
/// the partitions' CPUs and their networks' addresses.
void plan_functions(const Layout& layout, Plan& plan, Diagnostics& findings);

} // namespace cloison
