// SPDX-License-Identifier: Apache-2.0
#include "partitions/platform/read_elements.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison {

namespace {

using xml::Reader;

u32 number(const Reader& reader, const char* attribute) {
    return static_cast<u32>(reader.number(attribute));
}

PlatformProcessor read_processor(const Reader& reader) {
    PlatformProcessor processor;
    processor.where = reader.where();
    processor.apic_id = number(reader, "apic-id");
    processor.package = number(reader, "package");
    processor.core = static_cast<u32>(reader.number_or("core", processor.apic_id));
    processor.thread = number(reader, "thread");
    processor.node = number(reader, "node");
    return processor;
}

PlatformNode read_node(const Reader& reader) {
    PlatformNode node{reader.where(), number(reader, "id"), {}};
    for (const Reader& distance : reader.children("distance")) {
        auto [first, fresh] =
            node.distances.emplace(number(distance, "to"), number(distance, "value"));
        if (!fresh)
            reader.findings().error(distance.where(), "node-distance",
                                    "a second distance to node " + std::to_string(first->first));
    }
    return node;
}

PortRange read_ports(const Reader& reader) {
    constexpr u32 all_ports = 0x10000;
    PortRange range{reader.where(), number(reader, "base"), number(reader, "count")};
    if (range.base + range.count > all_ports) {
        reader.findings().error(range.where, "port-range", "the ports end beyond 0xffff",
                                "an x86 machine has 65536 ports");
        range.count = 0;
    }
    return range;
}

PlatformDevice read_device(const Reader& reader) {
    PlatformDevice device;
    device.where = reader.where();
    device.address = number(reader, "address");
    device.kind = reader.keyword<DeviceClass>("class");
    device.vendor = number(reader, "vendor");
    device.device = number(reader, "device");
    if (reader.has("iommu-group"))
        device.iommu_group = number(reader, "iommu-group");
    device.dma = reader.number_or("dma", 1) == 1;
    device.dma_bits = reader.number_or("dma-bits", 1) == 1 ? 64 : 32;
    device.node = number(reader, "node");
    if (reader.has("interrupt"))
        device.interrupt = number(reader, "interrupt");
    for (const Reader& mmio : reader.children("mmio")) {
        device.mmio.push_back(read_range(mmio));
        const Extent& extent = device.mmio.back().extent;
        if ((extent.base | extent.size) % page_size != 0 || extent.empty())
            reader.findings().error(mmio.where(), "region-alignment",
                                    "registers are mapped in whole pages of 4KiB",
                                    "round base and size outwards");
    }
    for (const Reader& ports : reader.children("ports"))
        device.ports.push_back(read_ports(ports));
    return device;
}

} // namespace

PlatformRange read_range(const Reader& reader) {
    constexpr u64 address_space = u64{1} << 52; // the most that page tables can address
    PlatformRange range{reader.where(), {reader.number("base"), reader.number("size")}, 0};
    if (range.extent.base > address_space ||
        range.extent.size > address_space - range.extent.base) {
        reader.findings().error(range.where, "address", "the range ends beyond 4096TiB",
                                "no x86-64 processor addresses more");
        range.extent = {};
    }
    return range;
}

void read_elements(const Reader& reader, Platform& platform) {
    for (const Reader& processor : reader.children("processor"))
        platform.processors.push_back(read_processor(processor));
    for (const Reader& node : reader.children("node"))
        platform.nodes.push_back(read_node(node));
    for (const Reader& ram : reader.children("ram")) {
        platform.ram.push_back(read_range(ram));
        platform.ram.back().node = number(ram, "node");
    }
    for (const Reader& device : reader.children("device"))
        platform.devices.push_back(read_device(device));
    for (const Reader& serial : reader.children("serial"))
        platform.serials.push_back(
            {serial.where(), number(serial, "port"), number(serial, "interrupt")});
}

const PlatformDevice* Platform::device(u32 address) const {
    auto found = std::find_if(devices.begin(), devices.end(),
                              [&](const PlatformDevice& d) { return d.address == address; });
    return found == devices.end() ? nullptr : &*found;
}

const PlatformSerial* Platform::serial(u32 port) const {
    auto found = std::find_if(serials.begin(), serials.end(),
                              [&](const PlatformSerial& s) { return s.port == port; });
    return found == serials.end() ? nullptr : &*found;
}

u32 Platform::distance(u32 from, u32 to) const {
    constexpr u32 local = 10, remote = 20;
    for (const PlatformNode& node : nodes) {
        if (node.id != from)
            continue;
        if (auto found = node.distances.find(to); found != node.distances.end())
            return found->second;
    }
    return from == to ? local : remote;
}

} // namespace cloison
