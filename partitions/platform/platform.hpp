// SPDX-License-Identifier: Apache-2.0
// A platform: the machine that a layout divides, as configs/platforms/*.xml describes it.
#pragma once

#include "firmware/abi/types.hpp"
#include "partitions/result/diagnostic.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cloison {

struct PlatformProcessor {
    Location where;
    u32 apic_id = 0;
    u32 package = 0;
    u32 core = 0; // in the package
    u32 thread = 0;
    u32 node = 0;

    [[nodiscard]] bool same_core(const PlatformProcessor& other) const {
        return package == other.package && core == other.core;
    }
};

/// A NUMA node and how far the others are, as ACPI's SLIT has it.
struct PlatformNode {
    Location where;
    u32 id = 0;
    std::map<u32, u32> distances; // by node; those not said are 20, its own 10
};

/// A range of physical addresses and where it was written.
struct PlatformRange {
    Location where;
    Extent extent;
    u32 node = 0;
};

/// A last-level cache whose ways can be given to classes of service.
struct PlatformCache {
    Location where;
    u32 ways = 0;
    u32 classes = 0;
    u64 size = 0; // bytes; 0: not said
};

// In the order of words::device_classes.
enum class DeviceClass : u32 {
    other,
    disk_controller,
    nvme,
    sata,
    ide,
    network,
    serial,
    display,
    usb,
    bridge
};

struct PortRange {
    Location where;
    u32 base = 0;
    u32 count = 0;
};

struct PlatformDevice {
    Location where;
    u32 address = 0; // as xml::parse_pci has it
    DeviceClass kind = DeviceClass::other;
    u32 vendor = 0, device = 0;     // 0: not said
    std::optional<u32> iommu_group; // none: a group of its own
    bool dma = true;
    u32 dma_bits = 64;
    u32 node = 0;
    std::optional<u32> interrupt; // global system interrupt of its pin
    std::vector<PlatformRange> mmio;
    std::vector<PortRange> ports;
};

inline constexpr u32 uart_ports = 8; // of a 16550

struct PlatformSerial {
    Location where;
    u32 port = 0; // the first of uart_ports
    u32 interrupt = 0;
};

// In the order of words::machine_networks.
enum class MachineNetwork : u32 { none, user };

/// How to start an emulator that is this machine. A platform of metal has none.
struct EmulatedMachine {
    Location where;
    std::string emulator; // "bochs" or "qemu"
    std::string model;    // the emulator's name of the CPU model
    u64 memory = 0;       // bytes, a multiple of 1 MiB
    u64 ips = 0;          // Bochs: instructions per emulated second; 0: the emulator's default
    u64 disk = 0;         // bytes of the disk on the first IDE channel, whole MiB; 0: none
    MachineNetwork network = MachineNetwork::none;
};

struct Platform {
    Location where;
    std::string name;
    bool large_pages_1g = false;               // paging and EPT offer 1 GiB pages
    bool iommu = false;                        // DMA remapping
    std::vector<PlatformProcessor> processors; // as written
    std::vector<PlatformNode> nodes;           // as written; empty: one, number 0
    std::vector<PlatformRange> ram;            // as written: usable RAM in the machine's E820 map
    std::vector<PlatformDevice> devices;       // as written
    std::vector<PlatformSerial> serials;       // as written
    std::optional<PlatformCache> cache;
    PlatformRange firmware; // where the firmware's image and arena are
    PlatformRange staging;  // where the boot loader leaves manifest and images
    std::optional<EmulatedMachine> machine;

    /// The device at a PCI address; null when there is none.
    [[nodiscard]] const PlatformDevice* device(u32 address) const;
    /// The UART whose first port this is; null when there is none.
    [[nodiscard]] const PlatformSerial* serial(u32 port) const;
    /// The SLIT's number for two nodes.
    [[nodiscard]] u32 distance(u32 from, u32 to) const;
};

/// Reads the platform in `file`. Everything wrong with it is in `findings`; what could not be read
/// is zero or empty in the result. None when there is nothing to look at: no file, no XML, no
/// <platform>.
std::optional<Platform> read_platform(const std::filesystem::path& file, Diagnostics& findings);

/// The same from `text`, which is called `name` in findings.
std::optional<Platform> parse_platform(std::string_view text, const std::string& name,
                                       Diagnostics& findings);

} // namespace cloison
