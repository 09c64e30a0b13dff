// SPDX-License-Identifier: Apache-2.0
// The manifest: a layout after planning, in the form that the firmware reads.
//
// One contiguous block: ManifestHeader, then the tables it points to, in any order. All integers
// little-endian, all tables 8-byte aligned, all offsets in bytes from the header. The manifest
// names boot images by number; the boot loader hands them over as modules (see
// firmware/abi/modules.hpp).
#pragma once

#include "firmware/abi/virtio_function.hpp"

#include <array>

namespace cloison::abi {

inline constexpr u64 manifest_magic = 0x4E4F'5349'4F4C'4301; // "\1CLOISON"
inline constexpr u32 manifest_version = 3;
inline constexpr u32 no_image = ~u32{0};
inline constexpr usize name_size = 32; // NUL included

// Bounds that keep every table, and the firmware's own arrays, small. The planner has rules for
// them.
inline constexpr u32 max_cpus = 4096;
inline constexpr u32 max_partitions = 1024;
inline constexpr u32 max_memory_blocks = 4096;
inline constexpr u32 max_ram_ranges = 64;
inline constexpr u32 max_images = 2048;
inline constexpr u32 max_devices = 1024;
inline constexpr u32 max_resources = 8192;
inline constexpr u32 max_functions = 8192;
inline constexpr u32 max_services = 1024;
inline constexpr u32 max_manifest_size = 16 * mib;

/// Where a table is: `count` elements from byte `offset`.
struct Table {
    u32 offset;
    u32 count;
};

/// What the planner assumed of the machine; the firmware refuses the manifest where it is not so.
enum class MachineFlag : u32 {
    large_pages_1g = 1 << 0, // EPT and paging support 1 GiB pages, and the plan counts on them
    iommu = 1 << 1,          // devices' DMA is remapped, and the plan counts on it
};

struct ManifestHeader {
    u64 magic;
    u32 version;
    u32 size;  // bytes, header included
    u32 crc32; // of all `size` bytes with this field as zero
    u32 machine_flags;
    Extent firmware;     // image and arena; given to no partition
    Extent staging;      // where boot images are kept while partitions start; given to no partition
    u64 firmware_memory; // bytes the planner computed that the firmware will use (footprint.hpp)
    // The orders below let one linear pass prove the absence of overlaps, without any memory.
    Table cpus;               // PhysicalCpu, by strictly ascending apic_id
    Table ram;                // RamRange: all RAM that the plan may use, ascending, disjoint
    Table partitions;         // PartitionRecord, in the layout's order
    Table partitions_by_name; // u32: indices into partitions, by strictly ascending name
    // The partitions' runs in the next two follow each other in the layout's order, without gaps.
    Table processors;     // ProcessorRecord; position in the run = virtual ID
    Table memory;         // MemoryBlock, each run by ascending guest address
    Table memory_by_host; // u32: indices into memory, by strictly ascending host address
    Table images;         // ImageRecord
    // The machine's devices that partitions own, and what comes with them.
    Table devices;          // DeviceRecord, by strictly ascending address
    Table devices_by_group; // u32: indices into devices, by strictly ascending (group, index)
    Table resources;        // ResourceRecord, by strictly ascending (kind, base)
    // What servers serve. The partitions' runs in functions follow each other in the layout's
    // order.
    Table functions; // FunctionRecord: position in the run = function on the partition's bus
    Table services;  // ServiceRecord, by ascending server
};

/// A CPU of the platform and who has it.
struct PhysicalCpu {
    u32 apic_id;
    u32 partition;  // index into partitions, or unassigned
    u32 virtual_id; // local APIC ID that the partition sees; 0 where unassigned
    u32 reserved;
};

inline constexpr u32 unassigned = ~u32{0};

using RamRange = Extent;

/// One virtual CPU, dedicated to one physical CPU. Virtual APIC IDs are dense from 0 in each
/// partition.
struct ProcessorRecord {
    u32 cpu; // index into cpus
};

/// `size` bytes of guest memory at `guest` backed by `host`. All three are multiples of 2 MiB.
struct MemoryBlock {
    u32 partition; // index into partitions
    u32 reserved;
    u64 guest;
    u64 host;
    u64 size;
};

enum class ImageKind : u32 {
    linux_kernel = 1, // bzImage
    initrd = 2,
    multiboot_kernel = 3,
    linux_elf = 4, // vmlinux: the kernel that a bzImage unpacks
};

struct ImageRecord {
    u32 kind;  // ImageKind
    u32 crc32; // of the image's bytes
    u64 size;
};

/// What a device does by itself; nothing else is known of it here.
enum class DeviceFlag : u32 {
    dma = 1 << 0,      // accesses memory
    reach_4g = 1 << 1, // its DMA reaches the first 4 GiB only; comes with `dma`
};

inline constexpr u32 no_group = ~u32{0};
inline constexpr u32 no_interrupt = ~u32{0};

/// A PCI function of the machine that a partition owns.
struct DeviceRecord {
    u32 address;     // segment in bits 31:16, bus in 15:8, device in 7:3, function in 2:0
    u32 partition;   // index into partitions
    u32 iommu_group; // functions that reach each other past the IOMMU; no_group: alone in its own
    u32 flags;       // DeviceFlag
    u32 interrupt;   // global system interrupt of its INTx pin, or no_interrupt
};

enum class ResourceKind : u32 { mmio = 1, ports = 2, interrupt = 3 };

/// Something of the machine that one partition has: [base, base + size) of physical addresses in
/// whole 4 KiB pages, of I/O ports, or one global system interrupt (ACPI 6.4, 5.2.13). Of devices
/// and of UARTs alike; what several devices of a partition share is listed once.
struct ResourceRecord {
    u32 kind;      // ResourceKind
    u32 partition; // index into partitions
    u64 base;
    u64 size; // 1 for an interrupt
};

/// A virtio function that a partition sees and another one serves (virtio_function.hpp has what is
/// sound).
struct FunctionRecord {
    u32 partition; // index into partitions: whose bus it is on
    u32 server;    // index into partitions: of role control or io-server
    u32 device_id; // linux/virtio_ids.h
    u32 queues;
    u64 features;  // what the server's device offers
    Table config;  // bytes of the device configuration space, at the start
    Table service; // text for the server (service.hpp); not the firmware's
    std::array<u16, max_virtqueues> queue_sizes; // of each queue; 0 behind the last
};

/// What a server is asked for beyond the functions: a switch and its uplink.
struct ServiceRecord {
    u32 server; // index into partitions
    u32 reserved;
    Table text; // service.hpp; not the firmware's
};

enum class Role : u32 { client = 0, control = 1, io_server = 2 };
enum class BootKind : u32 { linux_bzimage = 1, multiboot1 = 2 };

/// What to do with a partition that failed (triple fault, broken rule) or asked for a reset.
enum class FailurePolicy : u32 {
    stop = 0,
    reset = 1, // started anew from its images, its devices and memory cleared
};

/// What else the firmware knows of a partition.
enum class PartitionFlag : u32 {
    identity = 1 << 0, // guest addresses from 2 MiB up are the machine's, so that its devices' DMA
                       // finds what the guest means
};

struct PartitionRecord {
    char name[name_size]; // NUL-terminated and NUL-filled: [a-z0-9-], first a letter
    u32 role;             // Role
    u32 boot_kind;        // BootKind
    u32 failure_policy;   // FailurePolicy
    u32 console; // channel of COM1 on the machine's serial line, 0: no console (console.hpp)
    u32 first_processor; // run of `processor_count` in processors
    u32 processor_count;
    u32 first_memory; // run of `memory_count` in memory
    u32 memory_count;
    u32 kernel;     // index into images
    u32 initrd;     // index into images, or no_image
    Table cmdline;  // bytes without NUL
    Table acpi;     // bytes copied to guest_map::acpi.base; RSDP first
    u32 activation; // starts after all partitions with less, together with those that have the same
    u32 flags;      // PartitionFlag
};

/// Whether DMA of the partition's devices reaches what its guest addresses say, without an IOMMU.
constexpr bool is_identity(const PartitionRecord& p) {
    return (p.flags & static_cast<u32>(PartitionFlag::identity)) != 0;
}

static_assert(sizeof(ManifestHeader) == 168);
static_assert(sizeof(PhysicalCpu) == 16);
static_assert(sizeof(PartitionRecord) == 96);
static_assert(sizeof(MemoryBlock) == 32);
static_assert(sizeof(DeviceRecord) == 20);
static_assert(sizeof(FunctionRecord) == 72);
static_assert(sizeof(ServiceRecord) == 16);
static_assert(sizeof(ResourceRecord) == 24);

} // namespace cloison::abi
