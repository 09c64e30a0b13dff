// SPDX-License-Identifier: Apache-2.0
// A plan: a layout bound to one platform. Every CPU, every byte of memory and every image has its
// place; partitions/manifest turns it into what the firmware reads.
#pragma once

#include "firmware/abi/manifest.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace cloison {

/// A boot image. Its position in Plan::images is its number in the manifest and in the module name
/// that the boot loader gives it (firmware/abi/modules.hpp).
struct ImageFile {
    std::filesystem::path path;
    abi::ImageKind kind = abi::ImageKind::linux_kernel;
    u64 size = 0;   // bytes
    u32 crc32c = 0; // of its bytes
};

/// `size` bytes of a partition's memory: at `guest` in its own addresses, at `host` in the
/// machine's.
struct PlannedMemory {
    u64 guest = 0;
    u64 host = 0;
    u64 size = 0;
};

/// A virtio function that the partition sees on its bus. The order is that of the bus.
struct PlannedFunction {
    u32 server = 0; // index into Plan::partitions
    u32 device_id = 0;
    u64 features = 0;
    std::vector<u8> config; // its configuration space as it starts
    std::vector<u16> queue_sizes;
    std::string service; // what the server makes of it
};

/// What a server is to do beside the functions.
struct PlannedService {
    u32 server = 0; // index into Plan::partitions
    std::string text;
};

struct PlannedPartition {
    std::vector<u32> apic_ids;         // physical CPUs; position = virtual APIC ID. Shared: none
    std::vector<PlannedMemory> memory; // by ascending guest address
    bool identity_mapped = false;      // but for its first 2 MiB, guest addresses are the machine's
    u64 cache_mask = 0;                // ways of the last-level cache that are its own; 0: none are
    std::vector<u64> macs;             // of its networks, in their order
    u32 console = 0;                   // channel on the machine's serial line, 0: none
    u32 kernel = abi::no_image;        // index into images
    u32 initrd = abi::no_image;        // the same, or abi::no_image
    std::vector<PlannedFunction> functions; // disks, networks, then the consoles' one
    std::vector<u8> acpi;                   // tables for guest_map::acpi.base, RSDP first

    [[nodiscard]] u64 memory_size() const {
        u64 size = 0;
        for (const PlannedMemory& block : memory)
            size += block.size;
        return size;
    }
};

/// Where every byte of the machine's RAM goes. All but `firmware_used` add up to `ram`.
struct MemoryBudget {
    u64 ram = 0;           // usable RAM of the platform, in whole pages
    u64 given = 0;         // to partitions
    u64 firmware = 0;      // the firmware's region
    u64 staging = 0;       // the staging area
    u64 low = 0;           // below 1 MiB: BIOS data, and where processors start up
    u64 fragments = 0;     // pieces that hold no whole 2 MiB page
    u64 free = 0;          // whole 2 MiB pages that nobody has
    u64 firmware_used = 0; // what the firmware will use of its region
};

struct Plan {
    std::vector<Extent> ram; // ascending, disjoint, in whole pages; adjoining ranges joined
    Extent firmware;
    Extent staging;
    std::vector<std::vector<u32>> pools;      // CPUs of each pool by APIC ID, in the layout's order
    std::vector<PlannedPartition> partitions; // in the layout's order
    std::vector<PlannedService> services;     // by ascending server
    std::vector<ImageFile> images;
    MemoryBudget budget;
};

} // namespace cloison
