// SPDX-License-Identifier: Apache-2.0
// The CPUs: those that Linux runs on, with their place in packages and cores, and those that only
// the firmware's tables list.
#pragma once

#include "partitions/describe/tree.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cloison::describe {

struct Processor {
    u32 apic_id = 0;
    bool started = true; // by Linux; the place of others is guessed from their APIC IDs
    std::optional<u32> linux_number;
    std::optional<u32> package, core, thread; // thread: position among those of the core
    std::optional<u32> node;
};

/// What /proc/cpuinfo says of all CPUs alike.
struct CpuFeatures {
    std::string vendor;          // "GenuineIntel"
    std::string model;           // for people
    std::set<std::string> flags; // those that every CPU has
    std::set<std::string> vmx_flags;
    bool vmx_flags_shown = false; // Linux 5.6 and later, where there is VMX
};

struct Processors {
    CpuFeatures features;
    std::vector<Processor> list; // by APIC ID
};

/// Reads /proc/cpuinfo and /sys/devices/system/cpu, and adds those of `enabled`, the APIC IDs of
/// the MADT, that Linux did not start. Throws DescribeError.
Processors read_processors(const Tree& tree, const std::vector<u32>& enabled);

} // namespace cloison::describe
