// SPDX-License-Identifier: Apache-2.0
// A machine as Linux shows it, and what it lacks for Cloison.
#pragma once

#include "partitions/describe/acpi.hpp"
#include "partitions/describe/devices.hpp"
#include "partitions/describe/memory.hpp"
#include "partitions/describe/numa.hpp"
#include "partitions/describe/processors.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cloison::describe {

/// Last-level cache whose ways can be given out (Cache Allocation Technology, SDM vol. 3B, 18.19).
struct Cache {
    u32 ways = 0;
    u32 classes = 0; // of service
    u64 size = 0;    // bytes of one cache; 0: not known
};

struct Machine {
    Acpi acpi;
    Processors processors;
    Numa numa;
    Memory memory;
    Devices devices;
    std::optional<Cache> cache;
    std::optional<bool> iommu; // none where Linux shows no ACPI tables
    std::string host_name;     // empty where it makes no name
};

/// Reads all of it. Throws DescribeError.
Machine read_machine(const Tree& tree);

enum class Need { needed, used }; // used: where it is there
enum class State { present, absent, unknown };

/// One thing that Cloison asks of a machine.
struct Item {
    std::string name; // as the firmware calls it in @missing, where it does
    Need need = Need::needed;
    State state = State::present;
    std::string remark; // what follows from its absence, and what to do; empty where there is none
};

/// All that Cloison asks for, in a fixed order.
std::vector<Item> judge(const Machine& machine);

/// True when nothing needed is absent or unknown.
bool fit(const std::vector<Item>& items);

/// The platform file. `name` is a name of the layout language.
std::string to_xml(const Machine& machine, const std::string& name);

} // namespace cloison::describe
