// SPDX-License-Identifier: Apache-2.0
// The words of platform files. The XML schema and the tables of docs/layout-language.md are printed
// from here.
#pragma once

#include "partitions/layout/words.hpp"

namespace cloison::words {

inline constexpr std::string_view emulators[] = {"bochs", "qemu"};
inline constexpr std::string_view machine_networks[] = {"none", "user"};
inline constexpr std::string_view device_classes[] = {
    "other",   "disk-controller", "nvme",    "sata", "ide",
    "network", "serial",          "display", "usb",  "bridge"};
inline constexpr std::string_view reaches[] = {"32", "64"};

inline constexpr u64 most_ips = 1'000'000'000'000; // beyond any emulator
inline constexpr u64 most_nodes = 255;
inline constexpr u64 most_interrupts = 1023; // global system interrupts of several I/O APICs

inline constexpr AttributeRule processor_attributes[] = {
    {.name = "apic-id",
     .kind = Kind::integer,
     .required = true,
     .most = largest_apic_id,
     .meaning = "its APIC ID, of no other"},
    {.name = "package", .kind = Kind::integer, .most = 4095, .meaning = "its socket (0)"},
    {.name = "core",
     .kind = Kind::integer,
     .most = largest_apic_id,
     .meaning = "its core in the package (a core of its own)"},
    {.name = "thread", .kind = Kind::integer, .most = 255, .meaning = "its thread in the core (0)"},
    {.name = "node", .kind = Kind::integer, .most = most_nodes, .meaning = "its NUMA node (0)"}};

inline constexpr AttributeRule distance_attributes[] = {
    {.name = "to",
     .kind = Kind::integer,
     .required = true,
     .most = most_nodes,
     .meaning = "another node"},
    {.name = "value",
     .kind = Kind::integer,
     .required = true,
     .least = 10,
     .most = 254,
     .meaning = "as in ACPI's SLIT: 10 is local"}};
inline constexpr ElementRule node_children[] = {
    {"distance", Occurs::any_number, distance_attributes, {}, "how far another node is"}};
inline constexpr AttributeRule node_attributes[] = {{.name = "id",
                                                     .kind = Kind::integer,
                                                     .required = true,
                                                     .most = most_nodes,
                                                     .meaning = "its number, of no other"}};

inline constexpr AttributeRule cache_attributes[] = {
    {.name = "level",
     .kind = Kind::integer,
     .required = true,
     .least = 2,
     .most = 4,
     .meaning = "which cache: the last one is 3 on most machines"},
    {.name = "ways",
     .kind = Kind::integer,
     .required = true,
     .least = 1,
     .most = most_ways,
     .meaning = "ways that can be allocated"},
    {.name = "classes",
     .kind = Kind::integer,
     .required = true,
     .least = 1,
     .most = 128,
     .meaning = "classes of service"},
    {.name = "size", .kind = Kind::size, .meaning = "of the whole cache"}};

inline constexpr AttributeRule range_attributes[] = {
    {.name = "base", .kind = Kind::address, .required = true, .meaning = "its first byte"},
    {.name = "size", .kind = Kind::size, .required = true, .meaning = "its size"}};
inline constexpr AttributeRule ram_attributes[] = {
    {.name = "base", .kind = Kind::address, .required = true, .meaning = "its first byte"},
    {.name = "size", .kind = Kind::size, .required = true, .meaning = "its size"},
    {.name = "node", .kind = Kind::integer, .most = most_nodes, .meaning = "its NUMA node (0)"}};

inline constexpr AttributeRule iommu_attributes[] = {
    {.name = "present",
     .kind = Kind::keyword,
     .required = true,
     .words = no_yes,
     .meaning = "whether devices can be kept to one partition's memory"}};

inline constexpr AttributeRule ports_attributes[] = {{.name = "base",
                                                      .kind = Kind::hexadecimal,
                                                      .required = true,
                                                      .most = 0xFFFF,
                                                      .meaning = "the first port"},
                                                     {.name = "count",
                                                      .kind = Kind::integer,
                                                      .required = true,
                                                      .least = 1,
                                                      .most = 65536,
                                                      .meaning = "how many"}};
inline constexpr ElementRule device_children[] = {
    {"mmio", Occurs::any_number, range_attributes, {}, "memory-mapped registers, whole pages"},
    {"ports", Occurs::any_number, ports_attributes, {}, "I/O ports"}};
inline constexpr AttributeRule platform_device_attributes[] = {
    {.name = "address",
     .kind = Kind::pci,
     .required = true,
     .meaning = "PCI function, of no other device"},
    {.name = "class",
     .kind = Kind::keyword,
     .required = true,
     .words = device_classes,
     .meaning = "what it is"},
    {.name = "vendor", .kind = Kind::hexadecimal, .most = 0xFFFF, .meaning = "PCI vendor ID"},
    {.name = "device", .kind = Kind::hexadecimal, .most = 0xFFFF, .meaning = "PCI device ID"},
    {.name = "iommu-group",
     .kind = Kind::integer,
     .most = 65535,
     .meaning = "devices of one group cannot be kept apart (a group of its own)"},
    {.name = "dma",
     .kind = Kind::keyword,
     .words = no_yes,
     .meaning = "whether it accesses memory by itself (yes)"},
    {.name = "dma-bits",
     .kind = Kind::keyword,
     .words = reaches,
     .meaning = "addresses that it reaches (64)"},
    {.name = "node", .kind = Kind::integer, .most = most_nodes, .meaning = "its NUMA node (0)"},
    {.name = "interrupt",
     .kind = Kind::integer,
     .most = most_interrupts,
     .meaning = "global system interrupt of its pin, where it has one"}};

inline constexpr AttributeRule serial_attributes[] = {{.name = "port",
                                                       .kind = Kind::hexadecimal,
                                                       .required = true,
                                                       .most = 0xFFF8,
                                                       .meaning = "its first I/O port"},
                                                      {.name = "interrupt",
                                                       .kind = Kind::integer,
                                                       .required = true,
                                                       .most = most_interrupts,
                                                       .meaning = "its global system interrupt"}};

inline constexpr AttributeRule machine_attributes[] = {
    {.name = "emulator",
     .kind = Kind::keyword,
     .required = true,
     .words = emulators,
     .meaning = "which one runs is up to 'cloison boot --on'"},
    {.name = "model",
     .required = true,
     .meaning = "Bochs's name of a CPU model; QEMU shows the host's CPU"},
    {.name = "memory", .kind = Kind::size, .required = true, .meaning = "in whole MiB"},
    {.name = "ips",
     .kind = Kind::integer,
     .least = 1,
     .most = most_ips,
     .meaning = "Bochs: emulated instructions a second, which is the TSC's frequency"},
    {.name = "disk",
     .kind = Kind::size,
     .meaning = "Bochs: size of a disk, the first of the first IDE channel (no disk)"},
    {.name = "network",
     .kind = Kind::keyword,
     .words = machine_networks,
     .meaning = "Bochs: user: an e1000 on a network inside the emulator, 10.0.2.0/24 (none)"}};

inline constexpr AttributeRule include_attributes[] = {
    {.name = "file",
     .kind = Kind::path,
     .required = true,
     .meaning = "a <platform-part>, relative to this file's folder"}};

// The elements that a part may have come first.
inline constexpr ElementRule platform_children[] = {
    {"include", Occurs::any_number, include_attributes, {}, "elements from another file"},
    {"processor", Occurs::any_number, processor_attributes, {}, "a CPU"},
    {"node", Occurs::any_number, node_attributes, node_children, "a NUMA node"},
    {"ram", Occurs::any_number, ram_attributes, {}, "usable RAM, as the machine's E820 map has it"},
    {"device", Occurs::any_number, platform_device_attributes, device_children, "a PCI function"},
    {"serial", Occurs::any_number, serial_attributes, {}, "a UART of the machine"},
    {"cache", Occurs::at_most_once, cache_attributes, {}, "last-level cache with allocation"},
    {"iommu", Occurs::at_most_once, iommu_attributes, {}, "DMA remapping (no)"},
    {"firmware",
     Occurs::once,
     range_attributes,
     {},
     "region of the firmware: from 2 MiB, 4 MiB or more"},
    {"staging",
     Occurs::once,
     range_attributes,
     {},
     "where manifest and boot images are handed over"},
    {"machine",
     Occurs::at_most_once,
     machine_attributes,
     {},
     "how to emulate it; without it the platform is one of metal"},
};
inline constexpr usize part_children = 6;
inline constexpr AttributeRule platform_attributes[] = {
    {.name = "name", .kind = Kind::name, .required = true, .meaning = "for people and logs"},
    {.name = "large-pages-1g",
     .kind = Kind::keyword,
     .required = true,
     .words = no_yes,
     .meaning = "yes: EPT has 1 GiB pages, and the plan counts on them"}};
inline constexpr ElementRule platform_rule{"platform", Occurs::once, platform_attributes,
                                           platform_children, "the machine that a layout divides"};
inline constexpr ElementRule part_rule{"platform-part",
                                       Occurs::once,
                                       {},
                                       std::span(platform_children).first(part_children),
                                       "elements that platforms share"};

} // namespace cloison::words
