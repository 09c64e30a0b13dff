// SPDX-License-Identifier: Apache-2.0
// The ACPI tables of a guest, made when the layout is compiled: the small PC of
// firmware/abi/guest_map.hpp as an operating system finds it (ACPI 6.3, chapter 5).
#pragma once

#include "firmware/abi/types.hpp"

#include <string>
#include <vector>

namespace cloison {

struct AcpiParameters {
    u32 cpus = 1;                         // virtual CPUs, APIC IDs from 0
    std::string oem_id = "CLOISN";        // up to 6 characters
    std::string oem_table_id = "GUESTPC"; // up to 8 characters
    u32 oem_revision = 1;
};

/// The bytes to be copied to guest_map::acpi.base, the root pointer first. At most
/// guest_map::acpi.size for any number of CPUs up to abi::max_cpus.
std::vector<u8> acpi_tables(const AcpiParameters& parameters);

} // namespace cloison
