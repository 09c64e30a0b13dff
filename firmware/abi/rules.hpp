// SPDX-License-Identifier: Apache-2.0
// The rules that a manifest must satisfy. The same code judges in `cloison check`, in the tests and
// in the firmware at power-on; each refuses by the rule's name.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::abi {

enum class Rule : u32 {
    none = 0,
    manifest_format,      // magic, version, table bounds or alignment are wrong
    manifest_damaged,     // the CRC-32 does not match
    no_partitions,        // a layout without partitions does nothing
    partition_name,       // names are unique, [a-z][a-z0-9-]*, up to 31 characters
    cpu_unknown,          // a virtual CPU on a physical CPU that the platform lacks
    cpu_double_use,       // one physical CPU given to two virtual CPUs
    cpu_none,             // a partition without a CPU
    apic_id_duplicate,    // two physical CPUs with one APIC ID
    memory_alignment,     // a memory block that is not in whole 2 MiB pages, or that wraps
    memory_none,          // a partition without memory at guest address 0
    memory_guest_overlap, // two blocks of one partition at the same guest addresses
    memory_guest_hole,    // a block on guest addresses that belong to devices
    memory_outside_ram,   // a block, the firmware or the staging area outside the platform's RAM
    memory_pieces,        // a partition's memory in too many guest-contiguous pieces
    memory_overlap,       // host memory given twice: to two partitions, or to one and the firmware
    image_unknown,        // a partition without a kernel, or with an image number out of range
    image_kind,           // a kernel or initrd image of the wrong kind
    image_fit,            // kernel, initrd or tables do not fit the partition's memory
    cmdline_length,       // a command line longer than the guest can be handed
    acpi_size,            // ACPI tables missing or larger than their place
    console_channel,      // two partitions on one console channel, or a channel out of range
    firmware_memory,      // the firmware needs more than its region
    boot_protocol,        // the firmware was not entered by a multiboot2 loader
    manifest_missing,     // no module holds a manifest
    machine_differs,      // the CPUs lack something that the plan counts on
    cpu_unfit,            // a CPU did not start, or is not like the others (first: its APIC ID)
    image_missing,        // no module holds this image
    image_misplaced,      // the staging area has no room for all modules
    image_damaged,        // an image is not the one that the manifest was made with
    policy_unknown,       // role, boot kind or failure policy with an unknown number
    control_twice,        // two control partitions
    device_double_use,    // one device given twice
    dma_without_iommu,    // DMA that nothing confines, by a device of an untrusted partition
    iommu_group_split,    // two partitions have devices that the IOMMU cannot tell apart
    mmio_range,           // registers given twice, not whole pages, in RAM, or the firmware's own
    port_range,           // I/O ports given twice, out of range, or the firmware's own
    interrupt_range,      // an interrupt given twice, out of range, or the virtual PC's own
    memory_identity,      // not at the machine's own addresses, though devices count on it
    function_unsound,     // a virtio function that no driver could use
    function_count,       // more virtio functions than a partition's bus has slots
    function_server,      // served by no server, by the partition itself, or by two servers
    server_slots,         // more on a server's bus than it has slots or addresses for
    server_memory,        // a server's memory where it is to find its clients'
    not_yet,              // sound, but more than this firmware can do (support.hpp)
};

/// The rule's ID, as printed by the firmware and by `cloison check`.
constexpr const char* rule_name(Rule rule) {
    switch (rule) {
    case Rule::none:
        return "none";
    case Rule::manifest_format:
        return "manifest-format";
    case Rule::manifest_damaged:
        return "manifest-damaged";
    case Rule::no_partitions:
        return "no-partitions";
    case Rule::partition_name:
        return "partition-name";
    case Rule::cpu_unknown:
        return "cpu-unknown";
    case Rule::cpu_double_use:
        return "cpu-double-use";
    case Rule::cpu_none:
        return "cpu-none";
    case Rule::apic_id_duplicate:
        return "apic-id-duplicate";
    case Rule::memory_alignment:
        return "memory-alignment";
    case Rule::memory_none:
        return "memory-none";
    case Rule::memory_guest_overlap:
        return "memory-guest-overlap";
    case Rule::memory_guest_hole:
        return "memory-guest-hole";
    case Rule::memory_outside_ram:
        return "memory-outside-ram";
    case Rule::memory_pieces:
        return "memory-pieces";
    case Rule::memory_overlap:
        return "memory-overlap";
    case Rule::image_unknown:
        return "image-unknown";
    case Rule::image_kind:
        return "image-kind";
    case Rule::image_fit:
        return "image-fit";
    case Rule::cmdline_length:
        return "cmdline-length";
    case Rule::acpi_size:
        return "acpi-size";
    case Rule::console_channel:
        return "console-channel";
    case Rule::firmware_memory:
        return "firmware-memory";
    case Rule::boot_protocol:
        return "boot-protocol";
    case Rule::manifest_missing:
        return "manifest-missing";
    case Rule::machine_differs:
        return "machine-differs";
    case Rule::cpu_unfit:
        return "cpu-unfit";
    case Rule::image_missing:
        return "image-missing";
    case Rule::image_misplaced:
        return "image-misplaced";
    case Rule::image_damaged:
        return "image-damaged";
    case Rule::policy_unknown:
        return "policy-unknown";
    case Rule::control_twice:
        return "control-twice";
    case Rule::device_double_use:
        return "device-double-use";
    case Rule::dma_without_iommu:
        return "dma-without-iommu";
    case Rule::iommu_group_split:
        return "iommu-group-split";
    case Rule::mmio_range:
        return "mmio-range";
    case Rule::port_range:
        return "port-range";
    case Rule::interrupt_range:
        return "interrupt-range";
    case Rule::memory_identity:
        return "memory-identity";
    case Rule::function_unsound:
        return "function-unsound";
    case Rule::function_count:
        return "function-count";
    case Rule::function_server:
        return "function-server";
    case Rule::server_slots:
        return "server-slots";
    case Rule::server_memory:
        return "server-memory";
    case Rule::not_yet:
        return "not-yet";
    }
    return "unknown";
}

/// Parties to a clash that are in no table.
inline constexpr u32 party_firmware = 0xFFFF'FFFE;
inline constexpr u32 party_staging = 0xFFFF'FFFD;

/// The outcome of verification: Rule::none, or the rule broken and by whom.
struct Verdict {
    Rule rule = Rule::none;
    u32 first =
        ~u32{0}; // index of the offender in its table (partition, memory block, processor...)
    u32 second = ~u32{0}; // the other party of a clash, where there is one

    [[nodiscard]] constexpr bool ok() const { return rule == Rule::none; }
};

} // namespace cloison::abi
