// SPDX-License-Identifier: Apache-2.0
// The rules in words, by subject.
#include "partitions/rules/registry.hpp"

namespace cloison {

namespace {

constexpr Severity error = Severity::error;
constexpr Severity warning = Severity::warning;

constexpr RuleText files[] = {
    {"file-missing", error, "There is no such file.", "Correct the path."},
    {"file-unreadable", error, "The file is not a regular one, or cannot be read.",
     "Name a file, and mind its permissions."},
    {"xml-size", error, "The file is larger than 16 MiB.", "It is hardly a layout: divide it."},
    {"xml-encoding", error, "The file is not UTF-8, or declares another encoding.",
     "Save it as UTF-8."},
    {"xml-nul", error, "There is a NUL byte in the file: it is no text file, or damaged.",
     "Write it anew."},
    {"xml-character", error, "There is a control character that XML does not allow.", "Delete it."},
    {"xml-reference", error, "A '&' begins no known character reference.",
     "Write '&amp;' for the character itself."},
    {"xml-doctype", error,
     "There is a document type. Entities can make a small file huge, so there are none.",
     "Delete it, and write out what its entities stand for."},
    {"xml-nesting", error, "Elements are nested more than 16 deep.", "Close those that are open."},
    {"xml-attributes", error, "An element has more than 32 attributes.",
     "Keep those that the language has."},
    {"xml-malformed", error, "The file is not well-formed XML; the message says how.",
     "Correct it there."},
    {"xml-root", error,
     "The file's element is not the one that is expected: <layout>, <platform> or <platform-part>.",
     "Name the right kind of file."},
    {"xml-text", error, "There is text inside an element.",
     "Write values as attributes and remarks as comments."},
    {"include-missing", error, "An included file is not there.",
     "The path is relative to the folder of the file that includes it."},
    {"include-cycle", error, "A file includes itself, or more than 64 files are included.",
     "Leave an <include> out."},
};

constexpr RuleText values[] = {
    {"element-unknown", error,
     "The element is not known there. A misspelt element that was ignored would be a machine "
     "divided otherwise than its owner wrote.",
     "Take the name that is offered."},
    {"element-missing", error, "An element lacks one that it must have.", "Add it."},
    {"element-repeated", error, "An element is there more than once and may not be.",
     "Keep one of them."},
    {"attribute-unknown", error, "The attribute is not known there.",
     "Take the name that is offered."},
    {"attribute-missing", error, "An element lacks an attribute that it must have.", "Add it."},
    {"keyword", error, "The value is none of the attribute's words.",
     "Take the one that is offered."},
    {"name", error, "This is not a name.",
     "Use a letter a-z, then letters, digits and '-', 31 characters at most."},
    {"name-twice", error, "Two partitions, pools, switches or volumes have one name.",
     "Give each its own."},
    {"units", error,
     "A quantity has no unit, or one that is not known. A number without a unit means something "
     "else to everybody.",
     "Write the unit that the remedy names."},
    {"size", error, "The value is no quantity, is a fraction, or is more than any machine has.",
     "Write a whole number and a unit."},
    {"address", error, "The value is no address, or a range ends beyond 4096 TiB.",
     "Write it as 0x100000 or 1MiB."},
    {"integer", error, "The value is no whole number, or out of range; the message has the bounds.",
     "Correct it."},
    {"decimal", error, "The value is not a number with at most two decimal places.",
     "Write it as 0.25."},
    {"pci-address", error, "The value is not the address of a PCI function.",
     "Write it as 'lspci -D' does: 0000:00:1f.2."},
    {"mac-address", error, "The value is not the Ethernet address of one station.",
     "Write six bytes, the first one even: 02:00:00:00:00:01."},
    {"digest-form", error, "The value is not a SHA-256 digest, or there is no image that it is of.",
     "Write the 64 digits that sha256sum prints."},
};

constexpr RuleText cpus[] = {
    {"no-partitions", error, "The layout has no partition.", "Add one."},
    {"too-many-partitions", error, "There are more than 1024 partitions.", "Divide less finely."},
    {"processor-mode", error,
     "An attribute of dedicated processors with shared ones, or the other way round.",
     "Leave it out, or change the mode."},
    {"cpu-none", error, "No CPU is asked for.", "Write desired=\"1\", or name CPUs."},
    {"cpu-ambiguous", error, "There are both a number of CPUs and a list of them.",
     "Keep one of the two."},
    {"cpu-unknown", error, "The platform has no CPU with this APIC ID.", "Name one that it lists."},
    {"cpu-double-use", error, "A CPU is given twice.", "Pin one of the two elsewhere."},
    {"cpu-shortage", error, "More CPUs are wanted than are left.",
     "Ask for fewer, here or elsewhere."},
    {"below-desired", warning, "There is enough for the minimum, not for what is desired.",
     "It runs; for more, ask for less elsewhere."},
    {"siblings-split", error,
     "A partition wants its cores for itself, and another one has a CPU pinned on one of them.",
     "Name CPUs on different cores."},
    {"siblings-shared", warning,
     "Two partitions run on threads of one core. They share its caches and its units, and each can "
     "measure what the other does.",
     "Write <security siblings=\"exclusive\"/> where that matters."},
    {"numa-split", warning, "A partition's CPUs are on several NUMA nodes.",
     "Ask for no more CPUs than a node has left, or name them."},
    {"pool-unknown", error, "There is no pool of this name.", "Add a <pool> element."},
    {"pool-overcommitted", error,
     "The entitlements on a pool are more than its CPUs. An entitlement is a promise.",
     "Lower some, or enlarge the pool."},
    {"entitlement-range", error,
     "An entitlement is nothing, or more than the virtual CPUs can use.",
     "It is more than 0, and at most the number of virtual CPUs."},
};

constexpr RuleText memory[] = {
    {"memory-none", error, "A partition wants no memory.", "Give it some."},
    {"memory-alignment", error, "The memory is no multiple of its page size.", "Round it."},
    {"memory-ambiguous", error,
     "The places given by <at/> do not add up to the size that is desired.",
     "Make them the same, or leave the places out."},
    {"memory-double-use", error,
     "Memory that is given by address is somebody else's: another partition's, the firmware's, the "
     "staging area's, or below 1 MiB.",
     "'cloison show' prints what is where."},
    {"memory-shortage", error, "More memory is wanted than is left.",
     "Ask for less, here or elsewhere."},
    {"memory-fragmentation", error,
     "There are not enough free pages of 1 GiB, though there may be enough memory.",
     "Leave page-size out, or ask for less."},
    {"memory-blocks", error,
     "The platform's memory is in so many ranges that the partitions would get more than 4096 "
     "blocks.",
     "Ask for less memory."},
    {"page-size", error,
     "Memory in pages of 1 GiB is no multiple of 1 GiB, or must be at the machine's own addresses.",
     "Round it, or leave page-size out."},
    {"numa-distance", warning,
     "Some of a partition's memory is not on the NUMA node of its CPUs, and slower to reach.",
     "Ask for less memory, or name CPUs of another node."},
    {"identity-pinned", error,
     "A partition must be mapped to the machine's own addresses, and its <at/> elements are at "
     "others: only the first, of 2 MiB, may be anywhere.",
     "Let the others be where a guest has RAM: below 3 GiB or from 4 GiB to 256 GiB; or leave all "
     "out."},
    {"identity-map", error,
     "A partition must be mapped to the machine's own addresses, and there is too little memory "
     "where both a guest and the machine have RAM.",
     "Ask for less memory."},
};

constexpr RuleText profiles[] = {
    {"profile-bounds", error, "Minimum, desired and maximum are not in this order.",
     "Correct one of them."},
    {"profile-name", error, "Two profiles of a partition have one name.", "Give each its own."},
    {"profile-default", error, "Several profiles, and none or more than one is the default.",
     "Write default=\"yes\" in one of them."},
    {"profile-ambiguous", error, "A partition has profiles, and CPUs or memory beside them.",
     "Move them into a profile."},
    {"profile-fit", warning,
     "A profile that is not the default does not fit beside the other partitions as they are.",
     "It can be activated when others are stopped, or smaller."},
};

constexpr RuleText devices[] = {
    {"device-unknown", error, "The platform has no such device or serial port.",
     "Name one that it lists."},
    {"device-double-use", error, "A device is given twice.",
     "It has one owner; the I/O server shares it."},
    {"dma-without-iommu", error,
     "A device that accesses memory by itself is given to a partition that is not the control "
     "partition, and there is no IOMMU to keep it there.",
     "Give it to the control partition, or use a platform with an IOMMU."},
    {"control-identity-map", warning,
     "Without an IOMMU the control partition is mapped to the machine's own addresses, and its "
     "devices reach all memory: it must be trusted with every partition.",
     "Use a platform with an IOMMU where that is not so."},
    {"dma-reach", error, "A device reaches 4 GiB only, and its partition has no memory there.",
     "Leave it some."},
    {"iommu-group-split", error,
     "Devices of one IOMMU group, which reach each other past the IOMMU, are given to different "
     "partitions.",
     "Give them to one."},
    {"interrupt-split", error,
     "Devices on one interrupt pin are given to different partitions: one could hold the other's.",
     "Give them to one."},
    {"device-firmware", error,
     "A device or serial port has registers, ports or an interrupt that the firmware uses itself, "
     "that the guest's own PC has for something else, or that no guest could reach.",
     "It cannot be given to a partition: name another one."},
};

constexpr RuleText served[] = {
    {"server-unknown", error, "There is no partition of this name to serve.",
     "Name a control or io-server partition."},
    {"server-role", error, "A client cannot serve.",
     "Write role=\"io-server\" there, or name another."},
    {"server-self", error, "A server would be its own client.",
     "Leave the disk, network or console out: the server has it already."},
    {"server-cycle", error, "Servers need each other's disks in a ring: none could start.",
     "Back one of them by its own devices."},
    {"server-fan-out", error,
     "A server's PCI bus has 32 slots: for the host bridge, the management function, its own "
     "devices "
     "and each of its clients.",
     "Add a second I/O server."},
    {"server-windows", error,
     "The registers of a server's devices do not fit 512 MiB below 4 GiB, or its clients' memory "
     "not "
     "256 GiB above.",
     "Leave devices out, or add a second I/O server."},
    {"server-memory", error,
     "A server's memory reaches 256 GiB, from where on it finds that of its clients.",
     "Ask for less."},
    {"served-count", error,
     "There are more than 8192 disks, networks and consoles, or more than 1024 switches.",
     "Divide less finely."},
    {"single-point-of-failure", warning,
     "All disks of a partition hang on one server, though there is another.",
     "Take one from the other, and mirror them in the guest."},
    {"control-twice", error, "There are two control partitions.",
     "One manages the machine; others that serve are io-server."},
    {"volume-unknown", error, "There is no volume of this name.", "Add a <volume> element."},
    {"volume-double-use", error, "Two disks write to one volume, which destroys most file systems.",
     "Write read-only=\"yes\" in one, or shareable=\"yes\" in the volume."},
    {"volume-backing", error,
     "It is not said what is behind the volume, or in more than 1024 bytes, or the server has no "
     "such disk.",
     "Write file:PATH, device:PATH, nbd:URI or disk:VOLUME."},
    {"volume-size", error, "The volume is not of whole sectors of 512 bytes, or of none.",
     "Round it."},
    {"serial-length", error,
     "A disk's serial number has more than 20 bytes, which is what virtio has room for.",
     "Shorten it."},
    {"switch-unknown", error, "There is no switch of this name.", "Add a <switch> element."},
    {"uplink-owner", error, "The uplink is not a device of the partition that serves the switch.",
     "Add it there as <device>."},
    {"mac-duplicate", error, "Two networks have one Ethernet address.",
     "Change one, or leave it out."},
    {"vlan-trunk", error, "A trunk carries every VLAN and is for one at the same time.",
     "Leave out trunk or vlan."},
    {"console-channel", error,
     "A partition behind the first 223 has a console on the machine's serial line.",
     "Move it up, or leave the console out."},
    {"console-count", error,
     "There are more than four serial consoles, which is what a PC has, or more than seven virtio "
     "consoles.",
     "Write type=\"virtio\" for further serial ones; leave virtio ones out."},
    {"console-missing", warning, "The command line names a serial console, the partition has none.",
     "Add <console/>."},
    {"device-slots", error, "A partition has more PCI devices than its bus has slots.",
     "Leave some out."},
    {"unused", warning, "Nobody uses this pool, volume or switch.",
     "Leave it out, or name it in a partition."},
};

constexpr RuleText life[] = {
    {"failure-policy", error,
     "An attribute of policies that start the partition again, with one that does not.",
     "Leave it out, or change the policy."},
    {"master-unknown", error, "There is no partition of this name to stop with.", "Name one."},
    {"master-cycle", error, "A partition would stop with itself.", "Leave out one of the masters."},
    {"activation-order", warning,
     "A partition starts before the server of its disk, and waits for it.",
     "Give the server a lower activation."},
};

constexpr RuleText load[] = {
    {"cache-allocation", error, "The platform has no cache whose ways can be allocated.",
     "Leave cache-ways out, or add <cache/> to the platform if it has one."},
    {"cache-ways", error,
     "More ways or classes are wanted than the cache has; one way and one class are everybody "
     "else's.",
     "Ask for fewer."},
    {"workload-range", error, "A virtual CPU would compute more than all the time.",
     "Write a number from 0 to 1."},
    {"workload-device", error, "The load is on a disk or network that the partition does not have.",
     "Name one that it has."},
    {"io-budget", warning,
     "The workloads ask more of a volume or switch than it carries: there will be queues.",
     "Lower the load, or spread it."},
};

constexpr RuleText images[] = {
    {"image-path", error, "A path is empty, or leaves the guests' folder.",
     "Write guest:NAME/FILE, or an ordinary path."},
    {"image-missing", error, "There is no such file.",
     "Run scripts/setup.sh for guests; else mind that paths are relative to the layout's folder."},
    {"image-unreadable", error, "It is not a file, or cannot be read.",
     "Name a file, and mind its permissions."},
    {"image-size", error, "The file is empty, or has 4 GiB or more.", "Name another."},
    {"image-kind", error,
     "The kernel is neither a bzImage with a 64-bit entry nor the vmlinux of one, or is truncated; "
     "the message says how.",
     "Name one."},
    {"manifest-size", error, "The compiled layout is larger than 16 MiB.",
     "Have fewer partitions, or shorten command lines and the paths of volumes."},
    {"image-count", error, "There are more than 2048 different images.",
     "Share images between partitions."},
    {"image-fit", error, "Kernel or initrd do not fit the partition's memory.", "Give it more."},
    {"cmdline-length", error, "The command line is longer than this kernel can be handed.",
     "Shorten it."},
    {"digest-mismatch", error, "An image is not the one that the layout was written for.",
     "Correct the digest, or fetch the right image."},
};

constexpr RuleText platforms[] = {
    {"platform-missing", error, "There is no such platform file.",
     "The path is relative to the layout's folder."},
    {"platform-processors", error, "The platform has no processor, or more than 4096.",
     "List those it has."},
    {"apic-id-duplicate", error, "Two processors have one APIC ID.", "Correct one."},
    {"processor-topology", error, "Two processors are the same thread of the same core.",
     "Give them different package, core or thread."},
    {"node-unknown", error, "A NUMA node is named that is not there, or there twice.",
     "Add or correct the <node>."},
    {"node-distance", error, "A node has two distances to another.", "Keep one."},
    {"platform-ram", error, "The platform has no RAM, or more than 64 ranges.",
     "List what its E820 map calls usable."},
    {"ram-overlap", error, "Two ranges of RAM overlap.", "Correct one."},
    {"region-alignment", error,
     "The firmware's region is not of whole 2 MiB pages, or the staging area or a device's "
     "registers not of whole 4 KiB pages.",
     "Round it."},
    {"memory-outside-ram", error,
     "The firmware's region, the staging area, or memory given by address is not inside the RAM.",
     "Compare it with the <ram> elements."},
    {"memory-overlap", error, "The firmware's region and the staging area overlap.", "Move one."},
    {"device-count", error,
     "The platform has more than 1024 devices, or they have more than 8192 ranges.",
     "List those that partitions are to own."},
    {"device-duplicate", error, "Two devices are the same PCI function.", "Correct one."},
    {"mmio-range", error, "Registers of a device overlap RAM, or another device's.",
     "Correct one."},
    {"port-range", error, "Ports of devices overlap, or end beyond 0xffff.", "Correct one."},
    {"interrupt-range", error,
     "The interrupt of a serial port, which is an edge that nobody shares, is a device's too.",
     "Correct one."},
    {"machine-memory", error,
     "The emulated machine has less memory than the RAM elements, or not whole MiB.",
     "Correct 'memory'."},
    {"staging-full", error, "The boot images do not fit the staging area.",
     "Share images, or enlarge it."},
    {"firmware-region", error,
     "The region is not where the firmware is linked to run, or too small.",
     "Write what the remedy says."},
    {"firmware-memory", error,
     "The firmware needs more memory for this layout than its region has.",
     "Have fewer partitions, CPUs or ranges of memory."},
    {"firmware-missing", warning,
     "There is no firmware.elf in the share folder, so its memory is not accounted for.",
     "Build it, or set CLOISON_SHARE."},
};

constexpr RuleText itself[] = {
    {"not-yet", error, "The language has it, the firmware of this version does not do it yet.",
     "Take what works today, which the finding names; 'cloison check --for model' judges the "
     "layout without the firmware."},
    {"internal", error,
     "The compiled manifest breaks a rule of the firmware. This is a mistake in Cloison.",
     "Report it."},
};

constexpr RuleGroup groups[] = {
    {"Files and XML", files},
    {"Words and values", values},
    {"CPUs", cpus},
    {"Memory", memory},
    {"Profiles", profiles},
    {"Devices of the machine", devices},
    {"Served devices", served},
    {"Life", life},
    {"Caches, load, statistics", load},
    {"Images", images},
    {"Platforms", platforms},
    {"Cloison itself", itself},
};

} // namespace

std::span<const RuleGroup> rule_groups() {
    return groups;
}

} // namespace cloison
