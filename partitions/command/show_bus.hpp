// SPDX-License-Identifier: Apache-2.0
// What a partition finds on its PCI bus, and where, as the firmware will build it.
#pragma once

#include "partitions/compile.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloison::command {

/// Guest addresses of something on the bus.
struct BusPlace {
    std::string_view name; // "doorbell", "record", "memory", "manifest", "registers"
    Extent extent;
};

struct BusEntry {
    std::optional<u32> slot; // none: registers of devices in the slots above
    std::string function;
    std::optional<u32> pin; // of the partition's I/O APIC
    std::vector<BusPlace> places;
};

/// Partition `index`'s bus by ascending slots, without the host bridge; registers of devices that
/// it owns are with the last of them. Empty where the layout has no manifest.
std::vector<BusEntry> bus_of(const CompiledLayout& compiled, u32 index);

} // namespace cloison::command
