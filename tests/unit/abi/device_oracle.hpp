// SPDX-License-Identifier: Apache-2.0
// What isolation needs of devices, as manifest_oracle.hpp has it of memory: port by port, interrupt
// by interrupt, device against device, and the firmware's own things listed once more by hand.
#pragma once

#include "firmware/abi/manifest_view.hpp"

#include <bit>
#include <bitset>
#include <set>
#include <string>
#include <vector>

namespace cloison::abi::test {

inline bool has(u32 flags, auto flag) {
    return (flags & static_cast<u32>(flag)) != 0;
}

inline std::string owner_trouble(const ManifestView& m) {
    for (usize i = 0; i < m.devices.size(); ++i) {
        const DeviceRecord& a = m.devices[i];
        if (a.partition >= m.partitions.size())
            return "a device without an owner";
        bool control = m.partitions[a.partition].role == static_cast<u32>(Role::control);
        if (has(a.flags, DeviceFlag::dma) && !has(m.machine_flags, MachineFlag::iommu) && !control)
            return "DMA into everybody's memory";
        if (has(a.flags, DeviceFlag::dma) && !has(m.machine_flags, MachineFlag::iommu))
            for (const MemoryBlock& block : m.memory)
                if (block.partition == a.partition && block.guest >= large_page_size &&
                    block.guest != block.host)
                    return "DMA beside the guest's memory";
        for (usize j = 0; j < i; ++j) {
            const DeviceRecord& b = m.devices[j];
            if (a.address == b.address)
                return "device given twice";
            if (a.iommu_group == b.iommu_group && a.iommu_group != no_group &&
                a.partition != b.partition)
                return "a group with two owners";
        }
    }
    std::set<u32> listed(m.devices_by_group.begin(), m.devices_by_group.end());
    if (listed.size() != m.devices.size() || m.devices_by_group.size() != m.devices.size())
        return "a device that no group lists";
    return {};
}

inline std::string mmio_trouble(const std::vector<Extent>& mmio, std::span<const RamRange> ram) {
    for (usize i = 0; i < mmio.size(); ++i) {
        const Extent& e = mmio[i];
        if (e.size == 0 || e.base % 4096 != 0 || e.size % 4096 != 0)
            return "registers that share a page";
        if (!e.sane() || e.base + (e.size - 1) > 0xFFFF'FFFF'FFFF)
            return "registers that no page table reaches";
        for (usize j = 0; j < i; ++j)
            if (e.overlaps(mmio[j]))
                return "registers given twice";
        for (const RamRange& r : ram)
            if (e.overlaps(r))
                return "registers in RAM";
        for (Extent own :
             {Extent{0, 0xA0000}, Extent{0xFEC00000, 0x100000}, Extent{0xFEE00000, 0x100000}})
            if (e.overlaps(own))
                return "the firmware's registers";
    }
    return {};
}

inline bool firmware_port(u64 port) {
    return port <= 0xFF || (port >= 0x3F8 && port <= 0x3FF) || port == 0x4D0 || port == 0x4D1 ||
           (port >= 0xCF8 && port <= 0xCFF);
}

inline bool pc_interrupt(u64 interrupt) {
    return interrupt == 0 || interrupt == 2 || interrupt == 4 || interrupt == 8 || interrupt == 9;
}

inline std::string resource_trouble(const ManifestView& m) {
    std::vector<Extent> mmio;
    std::bitset<0x10000> ports;
    std::set<u64> interrupts;
    for (const ResourceRecord& r : m.resources) {
        if (r.partition >= m.partitions.size())
            return "a resource without an owner";
        switch (static_cast<ResourceKind>(r.kind)) {
        case ResourceKind::mmio:
            mmio.push_back({r.base, r.size});
            break;
        case ResourceKind::ports:
            if (r.size == 0 || r.base > 0xFFFF || r.size > 0x10000 - r.base)
                return "ports that do not exist";
            for (u64 port = r.base; port < r.base + r.size; ++port) {
                if (ports[port] || firmware_port(port))
                    return "port given twice";
                ports.set(port);
            }
            break;
        case ResourceKind::interrupt:
            if (r.size != 1 || r.base >= 24 || pc_interrupt(r.base) ||
                !interrupts.insert(r.base).second)
                return "interrupt given twice";
            break;
        default:
            return "a resource of no kind";
        }
    }
    return mmio_trouble(mmio, m.ram);
}

inline std::string function_trouble(const ManifestView& m) {
    for (usize i = 0; i < m.functions.size(); ++i) {
        const FunctionRecord& a = m.functions[i];
        if (a.server >= m.partitions.size() || a.partition >= m.partitions.size() ||
            a.server == a.partition ||
            m.partitions[a.server].role == static_cast<u32>(Role::client))
            return "a function that nobody serves";
        for (usize j = 0; j < i; ++j)
            if (m.functions[j].partition == a.partition && m.functions[j].server != a.server)
                return "two servers of one partition";
        if (a.queues == 0 || a.queues > 16)
            return "queues";
        for (usize q = 0; q < 16; ++q) {
            u32 size = a.queue_sizes[q];
            if (q < a.queues ? size == 0 || size > 256 || std::popcount(size) != 1 : size != 0)
                return "queue size";
        }
    }
    return {};
}

inline std::string device_trouble(const ManifestView& m) {
    std::string owners = owner_trouble(m);
    std::string resources = resource_trouble(m);
    return !owners.empty() ? owners : !resources.empty() ? resources : function_trouble(m);
}

} // namespace cloison::abi::test
