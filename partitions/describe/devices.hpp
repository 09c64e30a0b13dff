// SPDX-License-Identifier: Apache-2.0
// PCI functions and the serial ports of a PC.
#pragma once

#include "partitions/describe/acpi.hpp"
#include "partitions/describe/tree.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloison::describe {

/// I/O ports [base, base + count).
struct Ports {
    u32 base = 0;
    u32 count = 0;
};

struct Device {
    std::string address;         // "0000:00:1f.2"
    std::string_view kind;       // the word of the platform language: "sata", "bridge", …
    u32 vendor = 0, device = 0;  // 16 bits each
    bool dma = true;             // may be a bus master; false only where the class has none
    std::optional<u32> dma_bits; // of the mask that its driver set
    std::optional<u32> iommu_group, node;
    std::optional<u32> interrupt; // global system interrupt of INTx
    std::vector<Extent> memory;   // BARs, as the machine decodes them: not rounded to pages
    std::vector<Ports> ports;
};

struct Serial {
    u32 port = 0;
    std::optional<u32> interrupt;
};

struct Devices {
    std::vector<Device> pci; // by address
    std::vector<Serial> serial;
    bool serial_known = false; // the ports' addresses are for root alone to read
};

/// Reads /sys/bus/pci/devices, /proc/ioports and /sys/class/tty. Throws DescribeError.
Devices read_devices(const Tree& tree, const Madt& madt);

} // namespace cloison::describe
