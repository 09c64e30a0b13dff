// SPDX-License-Identifier: Apache-2.0
// What the firmware's ACPI tables say of processors, NUMA nodes, I/O APICs and the IOMMU. The
// tables are for root alone to read. Section numbers are those of the ACPI specification 6.5.
#pragma once

#include "partitions/describe/tree.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cloison::describe {

/// A table that is there may be closed to the user; then only its presence is known.
enum class TableState { absent, closed, read };

/// MADT (5.2.12): processors, I/O APICs.
struct Madt {
    TableState state = TableState::absent;
    std::vector<u32> apic_ids;  // of the processors that the firmware enabled, as listed
    std::vector<u32> gsi_bases; // first global system interrupt of each I/O APIC
};

/// Memory of one proximity domain.
struct DomainMemory {
    Extent extent;
    u32 domain = 0;
};

/// SRAT (5.2.16): which proximity domain processors and memory belong to.
struct Srat {
    TableState state = TableState::absent;
    std::map<u32, u32> domains; // by APIC ID
    std::vector<DomainMemory> memory;
};

/// SLIT (5.2.17): distances between proximity domains, 10 being local.
struct Slit {
    u32 domains = 0;
    std::vector<u8> distances; // row by row
};

/// DMAR (Intel VT-d specification, 8.1): there is an IOMMU.
struct Dmar {
    TableState state = TableState::absent;
    bool interrupt_remapping = false;
};

struct Acpi {
    Madt madt;
    Srat srat;
    Slit slit;
    Dmar dmar;
};

/// Reads /sys/firmware/acpi/tables. Throws DescribeError for a damaged table.
Acpi read_acpi(const Tree& tree);

} // namespace cloison::describe
