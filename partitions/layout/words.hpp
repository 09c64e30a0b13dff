// SPDX-License-Identifier: Apache-2.0
// The words of layouts: elements, attributes, and what their values look like. The XML schema and
// the tables of docs/layout-language.md are printed from here.
#pragma once

#include "firmware/abi/manifest.hpp"
#include "partitions/xml/vocabulary.hpp"

namespace cloison::words {

using xml::AttributeRule;
using xml::ElementRule;
using xml::Kind;
using xml::Occurs;

// Words that are values, in the order of the enumerations that they become.
inline constexpr std::string_view no_yes[] = {"no", "yes"};
inline constexpr std::string_view roles[] = {"client", "control", "io-server"};
inline constexpr std::string_view processor_modes[] = {"dedicated", "shared"};
inline constexpr std::string_view sharings[] = {"capped", "uncapped"};
inline constexpr std::string_view page_sizes[] = {"2MiB", "1GiB"};
inline constexpr std::string_view interrupt_modes[] = {"virtual", "direct"};
inline constexpr std::string_view console_types[] = {"serial", "virtio"};
inline constexpr std::string_view boot_kinds[] = {"linux", "multiboot", "pvh", "firmware"};
inline constexpr std::string_view policies[] = {"stop", "reset", "restart", "dump"};
inline constexpr std::string_view siblings[] = {"shared", "exclusive"};

inline constexpr u64 largest_apic_id = 0xFFFF'FFFE; // the one above addresses all of them
inline constexpr u64 most_vlans = 4094;             // IEEE 802.1Q, 9.6: 0 and 4095 are reserved
inline constexpr u64 most_ways = 64; // SDM vol. 3B, 17.19: a way for each bit of a mask

// --- what a partition consists of ---

inline constexpr AttributeRule cpu_attributes[] = {{.name = "apic-id",
                                                    .kind = Kind::integer,
                                                    .required = true,
                                                    .most = largest_apic_id,
                                                    .meaning = "APIC ID of a CPU of the platform"}};
inline constexpr ElementRule cpu_list[] = {
    {"cpu", Occurs::any_number, cpu_attributes, {}, "this CPU and no other"}};

inline constexpr AttributeRule processors_attributes[] = {
    {.name = "mode",
     .kind = Kind::keyword,
     .required = true,
     .words = processor_modes,
     .meaning = "CPUs of its own, or a part of a pool"},
    {.name = "minimum",
     .kind = Kind::integer,
     .least = 1,
     .most = abi::max_cpus,
     .meaning = "dedicated: fewer do not do; otherwise as many as desired"},
    {.name = "desired",
     .kind = Kind::integer,
     .least = 1,
     .most = abi::max_cpus,
     .meaning = "dedicated: number of CPUs, where they are not named"},
    {.name = "maximum",
     .kind = Kind::integer,
     .least = 1,
     .most = abi::max_cpus,
     .meaning = "dedicated: what it may be given later"},
    {.name = "pool", .kind = Kind::name, .meaning = "shared: the pool"},
    {.name = "virtual-processors",
     .kind = Kind::integer,
     .least = 1,
     .most = abi::max_cpus,
     .meaning = "shared: number of virtual CPUs"},
    {.name = "entitlement",
     .kind = Kind::decimal,
     .meaning = "shared: CPUs' worth of time that it always gets"},
    {.name = "sharing",
     .kind = Kind::keyword,
     .words = sharings,
     .meaning = "shared: whether it may use idle time of the pool beyond its entitlement"},
    {.name = "weight",
     .kind = Kind::integer,
     .least = 1,
     .most = 65535,
     .meaning = "shared: share of the idle time, against others' weights (128)"},
};

inline constexpr AttributeRule at_attributes[] = {
    {.name = "base",
     .kind = Kind::address,
     .required = true,
     .meaning = "address on the machine, a multiple of 2 MiB"},
    {.name = "size", .kind = Kind::size, .required = true, .meaning = "a multiple of 2 MiB"}};
inline constexpr ElementRule memory_children[] = {
    {"at", Occurs::any_number, at_attributes, {}, "this memory of the machine and no other"}};
inline constexpr AttributeRule memory_attributes[] = {
    {.name = "minimum",
     .kind = Kind::size,
     .meaning = "less does not do; otherwise as much as desired"},
    {.name = "desired", .kind = Kind::size, .required = true, .meaning = "a multiple of 2 MiB"},
    {.name = "maximum", .kind = Kind::size, .meaning = "what it may be given later"},
    {.name = "page-size",
     .kind = Kind::keyword,
     .words = page_sizes,
     .meaning = "smallest page that maps it; 1GiB: only whole pages of 1 GiB (2MiB)"},
};

inline constexpr ElementRule profile_children[] = {
    {"processors", Occurs::once, processors_attributes, cpu_list, "its CPUs"},
    {"memory", Occurs::once, memory_attributes, memory_children, "its memory"},
};
inline constexpr AttributeRule profile_attributes[] = {
    {.name = "name", .kind = Kind::name, .required = true, .meaning = "of no other profile here"},
    {.name = "default",
     .kind = Kind::keyword,
     .words = no_yes,
     .meaning = "the one that is activated; where there are several, one has it (no)"}};

inline constexpr AttributeRule device_attributes[] = {{.name = "address",
                                                       .kind = Kind::pci,
                                                       .required = true,
                                                       .meaning = "PCI function of the platform"}};
inline constexpr AttributeRule owned_serial_attributes[] = {{.name = "port",
                                                             .kind = Kind::hexadecimal,
                                                             .required = true,
                                                             .most = 0xFFF8,
                                                             .meaning = "its first I/O port"}};
inline constexpr AttributeRule disk_attributes[] = {
    {.name = "volume", .kind = Kind::name, .required = true, .meaning = "the volume behind it"},
    {.name = "serial", .meaning = "serial number that the guest sees, 20 bytes at most (volume)"},
    {.name = "read-only",
     .kind = Kind::keyword,
     .words = no_yes,
     .meaning = "the guest cannot write (no)"}};
inline constexpr AttributeRule network_attributes[] = {
    {.name = "switch", .kind = Kind::name, .required = true, .meaning = "the virtual switch"},
    {.name = "mac",
     .kind = Kind::mac,
     .meaning = "Ethernet address (made from the names of layout and partition)"},
    {.name = "vlan",
     .kind = Kind::integer,
     .least = 1,
     .most = most_vlans,
     .meaning = "VLAN of this port; none: untagged"},
    {.name = "trunk",
     .kind = Kind::keyword,
     .words = no_yes,
     .meaning = "the guest tags frames itself, for any VLAN (no)"}};
inline constexpr AttributeRule console_attributes[] = {
    {.name = "type",
     .kind = Kind::keyword,
     .words = console_types,
     .meaning = "a 16550 UART, or a virtio console (serial)"},
    {.name = "server",
     .kind = Kind::name,
     .meaning = "partition that serves it; none: it is on the machine's serial line"}};
inline constexpr AttributeRule boot_attributes[] = {
    {.name = "kind",
     .kind = Kind::keyword,
     .required = true,
     .words = boot_kinds,
     .meaning = "how the guest is started"},
    {.name = "kernel", .kind = Kind::path, .required = true, .meaning = "the image"},
    {.name = "kernel-sha256", .kind = Kind::sha256, .meaning = "its digest"},
    {.name = "initrd", .kind = Kind::path, .meaning = "Linux: an initrd"},
    {.name = "initrd-sha256", .kind = Kind::sha256, .meaning = "its digest"},
    {.name = "command-line", .meaning = "2047 bytes at most"}};
inline constexpr AttributeRule failure_attributes[] = {
    {.name = "policy",
     .kind = Kind::keyword,
     .required = true,
     .words = policies,
     .meaning = "what to do when it crashed"},
    {.name = "limit",
     .kind = Kind::integer,
     .least = 1,
     .most = 1000,
     .meaning = "reset, restart: how often before it is left stopped (3)"},
    {.name = "back-off",
     .kind = Kind::duration,
     .meaning = "reset, restart: wait before the first, doubled each time (1s)"},
    {.name = "master", .kind = Kind::name, .meaning = "partition that this one stops with"}};
inline constexpr AttributeRule security_attributes[] = {
    {.name = "siblings",
     .kind = Kind::keyword,
     .words = siblings,
     .meaning = "exclusive: no other partition on the same core (shared)"},
    {.name = "cache-ways",
     .kind = Kind::integer,
     .least = 1,
     .most = most_ways,
     .meaning = "ways of the last-level cache that nobody else gets"}};
inline constexpr AttributeRule accounting_attributes[] = {
    {.name = "group", .kind = Kind::name, .required = true, .meaning = "whom it is accounted to"}};

// --- what only models and the I/O budget read ---

inline constexpr AttributeRule exits_attributes[] = {
    {.name = "reason", .kind = Kind::name, .required = true, .meaning = "as vmexit names it"},
    {.name = "rate", .kind = Kind::rate, .required = true, .meaning = "of each virtual CPU"}};
inline constexpr AttributeRule disk_load_attributes[] = {
    {.name = "volume", .kind = Kind::name, .required = true, .meaning = "of one of its disks"},
    {.name = "reads", .kind = Kind::rate, .meaning = "requests (0/s)"},
    {.name = "writes", .kind = Kind::rate, .meaning = "requests (0/s)"},
    {.name = "size", .kind = Kind::size, .meaning = "of a request (4KiB)"}};
inline constexpr AttributeRule network_load_attributes[] = {
    {.name = "switch", .kind = Kind::name, .required = true, .meaning = "of one of its networks"},
    {.name = "transmit", .kind = Kind::bandwidth, .meaning = "what it sends (0)"},
    {.name = "receive", .kind = Kind::bandwidth, .meaning = "what it gets (0)"}};
inline constexpr ElementRule workload_children[] = {
    {"exits", Occurs::any_number, exits_attributes, {}, "VM exits"},
    {"disk", Occurs::any_number, disk_load_attributes, {}, "requests to a disk"},
    {"network", Occurs::any_number, network_load_attributes, {}, "traffic on a network"}};
inline constexpr AttributeRule workload_attributes[] = {
    {.name = "utilization",
     .kind = Kind::decimal,
     .meaning = "part of the time that each virtual CPU computes, 0 to 1"}};

// --- partitions and what they share ---

inline constexpr ElementRule partition_children[] = {
    {"profile", Occurs::any_number, profile_attributes, profile_children,
     "CPUs and memory under a name; instead of <processors> and <memory>"},
    {"processors", Occurs::at_most_once, processors_attributes, cpu_list, "its CPUs"},
    {"memory", Occurs::at_most_once, memory_attributes, memory_children, "its memory"},
    {"device", Occurs::any_number, device_attributes, {}, "a device of the machine that it owns"},
    {"serial",
     Occurs::any_number,
     owned_serial_attributes,
     {},
     "a UART of the machine that it owns"},
    {"disk", Occurs::any_number, disk_attributes, {}, "a virtio block device"},
    {"network", Occurs::any_number, network_attributes, {}, "a virtio network device"},
    {"console", Occurs::any_number, console_attributes, {}, "a console"},
    {"boot", Occurs::once, boot_attributes, {}, "what it runs"},
    {"failure",
     Occurs::at_most_once,
     failure_attributes,
     {},
     "what happens when it crashes (stop)"},
    {"security", Occurs::at_most_once, security_attributes, {}, "how far it is kept apart"},
    {"accounting", Occurs::at_most_once, accounting_attributes, {}, "for statistics"},
    {"workload", Occurs::at_most_once, workload_attributes, workload_children,
     "what its guest does, for models and the I/O budget"},
};
inline constexpr AttributeRule partition_attributes[] = {
    {.name = "name", .kind = Kind::name, .required = true, .meaning = "of no other partition"},
    {.name = "role",
     .kind = Kind::keyword,
     .required = true,
     .words = roles,
     .meaning =
         "control: manages the others, may own devices and serve; io-server: may own devices "
         "and serve"},
    {.name = "interrupts",
     .kind = Kind::keyword,
     .words = interrupt_modes,
     .meaning = "direct: its CPUs' interrupts do not exit (virtual)"},
    {.name = "activation",
     .kind = Kind::integer,
     .most = 65535,
     .meaning = "lower ones are given CPUs and memory first, and started first (control 0, "
                "io-server 50, client 100)"}};

inline constexpr AttributeRule pool_attributes[] = {
    {.name = "name", .kind = Kind::name, .required = true, .meaning = "of no other pool"},
    {.name = "desired",
     .kind = Kind::integer,
     .least = 1,
     .most = abi::max_cpus,
     .meaning = "number of CPUs, where they are not named"}};
inline constexpr AttributeRule switch_attributes[] = {
    {.name = "name", .kind = Kind::name, .required = true, .meaning = "of no other switch"},
    {.name = "server", .kind = Kind::name, .required = true, .meaning = "partition that serves it"},
    {.name = "uplink", .kind = Kind::pci, .meaning = "network device of the server that leads out"},
    {.name = "bandwidth",
     .kind = Kind::bandwidth,
     .meaning = "what it carries, for the I/O budget"}};
inline constexpr AttributeRule volume_attributes[] = {
    {.name = "name", .kind = Kind::name, .required = true, .meaning = "of no other volume"},
    {.name = "server", .kind = Kind::name, .required = true, .meaning = "partition that serves it"},
    {.name = "size", .kind = Kind::size, .required = true, .meaning = "a multiple of 512 bytes"},
    {.name = "backing",
     .kind = Kind::path,
     .required = true,
     .meaning = "file:PATH or device:PATH in the server, nbd:URI, or disk:VOLUME, a disk of the "
                "server's"},
    {.name = "shareable",
     .kind = Kind::keyword,
     .words = no_yes,
     .meaning = "several partitions may write to it (no)"},
    {.name = "rate", .kind = Kind::rate, .meaning = "requests it takes, for the I/O budget"},
    {.name = "bandwidth",
     .kind = Kind::bandwidth,
     .meaning = "what it carries, for the I/O budget"}};
inline constexpr ElementRule layout_children[] = {
    {"pool", Occurs::any_number, pool_attributes, cpu_list, "CPUs that partitions share"},
    {"switch", Occurs::any_number, switch_attributes, {}, "a virtual Ethernet switch"},
    {"volume", Occurs::any_number, volume_attributes, {}, "storage that a server offers"},
    {"partition", Occurs::any_number, partition_attributes, partition_children, "a partition"}};
inline constexpr AttributeRule layout_attributes[] = {
    {.name = "name", .kind = Kind::name, .required = true, .meaning = "for people and logs"},
    {.name = "platform",
     .kind = Kind::path,
     .required = true,
     .meaning = "the machine's file, relative to the layout's folder"}};
inline constexpr ElementRule layout_rule{"layout", Occurs::once, layout_attributes, layout_children,
                                         "how one machine is divided"};

} // namespace cloison::words
