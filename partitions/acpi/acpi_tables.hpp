// SPDX-License-Identifier: Apache-2.0
// The ACPI tables of a guest, made when the layout is compiled: the small PC of
// firmware/abi/guest_map.hpp as an operating system finds it (ACPI 6.3, chapter 5).
#pragma once

#include "firmware/abi/types.hpp"

#include <string>
#include <vector>

namespace cloison {

/// Which pin of the I/O APIC the function in a slot of the PCI bus has.
struct InterruptRoute {
    u32 slot = 0; // 1 to 31
    u32 pin = 0;
};

struct AcpiParameters {
    u32 cpus = 1;                         // virtual CPUs, APIC IDs from 0
    bool server = false;                  // has guest_map::server_window, and the routes
    std::vector<InterruptRoute> routes{}; // of pin A, level-triggered; each slot once at most
    std::string oem_id = "CLOISN";        // up to 6 characters
    std::string oem_table_id = "GUESTPC"; // up to 8 characters
    u32 oem_revision = 1;
};

/// The bytes to be copied to guest_map::acpi.base, the root pointer first. At most
/// guest_map::acpi.size for any number of CPUs up to abi::max_cpus.
std::vector<u8> acpi_tables(const AcpiParameters& parameters);

} // namespace cloison
