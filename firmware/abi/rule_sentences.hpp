// SPDX-License-Identifier: Apache-2.0
// The rules as sentences for people: what is wrong, and what to do about it. The firmware prints
// only the names (rules.hpp).
#pragma once

#include "firmware/abi/rules.hpp"

namespace cloison::abi {

/// One sentence on what breaks the rule and how to mend it.
constexpr const char* rule_sentence(Rule rule) {
    switch (rule) {
    case Rule::none:
        return "Every rule is kept; nothing needs to be done.";
    case Rule::manifest_format:
        return "The manifest is not in the form that this version reads; compile the layout again "
               "with the command that belongs to this firmware.";
    case Rule::manifest_damaged:
        return "The manifest's checksum does not match its contents; copy or compile it again.";
    case Rule::no_partitions:
        return "The layout has no partition; define one at least.";
    case Rule::partition_name:
        return "A partition's name is taken twice or malformed; give each its own name of up to 31 "
               "characters, lower-case letters, digits and hyphens, a letter first.";
    case Rule::cpu_unknown:
        return "A virtual CPU was put on a processor that the platform does not have; choose one "
               "that the platform lists.";
    case Rule::cpu_double_use:
        return "One processor is dedicated to two virtual CPUs; pin one of them elsewhere.";
    case Rule::cpu_none:
        return "A partition has no processor; give it one at least.";
    case Rule::apic_id_duplicate:
        return "Two processors of the platform have the same APIC ID; correct the platform file.";
    case Rule::memory_alignment:
        return "A piece of memory is not made of whole 2 MiB pages; choose a size and addresses "
               "that are multiples of 2 MiB.";
    case Rule::memory_none:
        return "A partition has no memory at its address 0; give it 2 MiB at least, from there.";
    case Rule::memory_guest_overlap:
        return "Two pieces of a partition's memory have the same guest addresses; move one of "
               "them.";
    case Rule::memory_guest_hole:
        return "A piece of memory covers guest addresses that belong to devices, between 3 GiB and "
               "4 GiB or above 256 TiB; move it below or above.";
    case Rule::memory_outside_ram:
        return "Memory was assigned where the platform has no RAM, or in its first 2 MiB; choose "
               "addresses inside the platform's RAM.";
    case Rule::memory_pieces:
        return "A partition's memory is scattered over too many guest addresses; make its pieces "
               "follow each other.";
    case Rule::memory_overlap:
        return "The same memory of the machine is given twice, to two partitions or to one and the "
               "firmware; move or shrink one of them.";
    case Rule::image_unknown:
        return "A partition's kernel or initrd is missing or empty; name an image that exists.";
    case Rule::image_kind:
        return "An image is not of the kind that the partition boots; name a bzImage with a 64-bit "
               "entry or a vmlinux for linux, and an initrd only as an initrd.";
    case Rule::image_fit:
        return "Kernel and initrd do not fit the partition's memory below 3 GiB; give it more "
               "memory or use smaller images.";
    case Rule::cmdline_length:
        return "A command line is longer than the kernel can be handed; shorten it, to 2047 "
               "characters at most.";
    case Rule::acpi_size:
        return "A partition's ACPI tables are missing or larger than their 128 KiB; give it fewer "
               "processors.";
    case Rule::console_channel:
        return "Two partitions have one console channel, or there are more consoles than the "
               "serial line has channels; leave a partition without a console.";
    case Rule::firmware_memory:
        return "The firmware needs more memory than its region has; enlarge the region in the "
               "platform file.";
    case Rule::boot_protocol:
        return "The firmware was not started by a multiboot2 loader; boot it with GRUB or with "
               "`cloison boot`.";
    case Rule::manifest_missing:
        return "The boot loader handed over no manifest; add the compiled layout as a module.";
    case Rule::machine_differs:
        return "The machine's processors lack something that the platform file promises; correct "
               "the platform file and compile the layout again.";
    case Rule::cpu_unfit:
        return "A processor did not start or differs from the others; take it out of the platform "
               "file.";
    case Rule::image_missing:
        return "The boot loader did not hand over an image that the layout boots; add it as a "
               "module.";
    case Rule::image_misplaced:
        return "The staging area has no room for all modules that the boot loader put elsewhere; "
               "make it larger in the platform file.";
    case Rule::image_damaged:
        return "An image is not the one that the layout was compiled with; compile the layout "
               "again or copy the image again.";
    case Rule::policy_unknown:
        return "A role, way of booting or failure policy is not known to this firmware; choose "
               "another or use the firmware that knows it.";
    case Rule::control_twice:
        return "Two partitions have the role of the control partition; leave it to one of them.";
    case Rule::device_double_use:
        return "One device of the machine is given twice; leave it to one partition, or share it "
               "through the I/O server.";
    case Rule::dma_without_iommu:
        return "A device that accesses memory by itself was given to a partition, and without an "
               "IOMMU nothing keeps it to that partition's memory; give it to the control "
               "partition or use a platform with an IOMMU.";
    case Rule::iommu_group_split:
        return "Devices of one IOMMU group were given to two partitions, and such devices reach "
               "each other; give all of them to one partition.";
    case Rule::mmio_range:
        return "Registers of a device are not whole 4 KiB pages below 256 TiB, or overlap RAM, "
               "other registers or the interrupt controllers; correct the platform file.";
    case Rule::port_range:
        return "I/O ports end beyond 0xFFFF, or are given twice, or are ones that the firmware "
               "keeps: those below 0x100, COM1, ELCR and PCI configuration; correct the platform "
               "file or take another device.";
    case Rule::interrupt_range:
        return "An interrupt is above 23, or given twice, or one that the virtual PC's own devices "
               "have: 0, 2, 4, 8 or 9; give devices that share one to one partition.";
    case Rule::memory_identity:
        return "A partition with devices that access memory by themselves, and no IOMMU, is not at "
               "the machine's own addresses; compile the layout again.";
    case Rule::function_unsound:
        return "A virtio function has queues, features or a configuration that no driver could "
               "use; compile the layout again.";
    case Rule::function_count:
        return "A partition has more virtio functions than its bus has slots, which are 31; leave "
               "some out.";
    case Rule::function_server:
        return "A virtio function is served by a client, by its own partition, or by another "
               "server than the partition's other functions; choose one control or io-server "
               "partition for all.";
    case Rule::server_slots:
        return "A server has more devices and clients than its bus has slots or addresses for; add "
               "a second I/O server.";
    case Rule::server_memory:
        return "A server's own memory reaches 256 GiB, from where on it finds its clients'; give "
               "it less.";
    case Rule::not_yet:
        return "The layout is sound, but has a partition that this firmware cannot run yet: one "
               "that boots something other than Linux, a client that owns a device, or one whose "
               "devices count on an IOMMU; take what is there today.";
    }
    return "This rule is not known.";
}

} // namespace cloison::abi
