// SPDX-License-Identifier: Apache-2.0
#include "partitions/manifest/devices.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace cloison {

namespace {

/// What comes with the devices and UARTs that partitions own, by kind and base.
class ResourceTable {
  public:
    ResourceTable(const Layout& layout, const Platform& platform) {
        for (u32 p = 0; p < layout.partitions.size(); ++p) {
            for (const OwnedDevice& owned : layout.partitions[p].devices)
                add(p, *platform.device(owned.address));
            for (const OwnedSerial& owned : layout.partitions[p].serials)
                add(p, *platform.serial(owned.port));
        }
        std::sort(records_.begin(), records_.end(), [](const auto& a, const auto& b) {
            return std::pair(a.kind, a.base) < std::pair(b.kind, b.base);
        });
    }
    std::vector<abi::ResourceRecord> take() { return std::move(records_); }

  private:
    void add(u32 partition, const PlatformDevice& device) {
        for (const PlatformRange& mmio : device.mmio)
            add(abi::ResourceKind::mmio, partition, mmio.extent.base, mmio.extent.size);
        for (const PortRange& ports : device.ports)
            add(abi::ResourceKind::ports, partition, ports.base, ports.count);
        if (device.interrupt)
            add_interrupt(partition, *device.interrupt);
    }
    void add(u32 partition, const PlatformSerial& serial) {
        add(abi::ResourceKind::ports, partition, serial.port, uart_ports);
        add_interrupt(partition, serial.interrupt);
    }
    /// Once, however many devices of the partition share it.
    void add_interrupt(u32 partition, u32 interrupt) {
        if (interrupts_.emplace(partition, interrupt).second)
            add(abi::ResourceKind::interrupt, partition, interrupt, 1);
    }
    void add(abi::ResourceKind kind, u32 partition, u64 base, u64 size) {
        records_.push_back({static_cast<u32>(kind), partition, base, size});
    }

    std::vector<abi::ResourceRecord> records_;
    std::set<std::pair<u32, u32>> interrupts_; // partition, interrupt
};

} // namespace

std::vector<abi::DeviceRecord> device_records(const Layout& layout, const Platform& platform) {
    std::vector<abi::DeviceRecord> records;
    for (u32 p = 0; p < layout.partitions.size(); ++p) {
        for (const OwnedDevice& owned : layout.partitions[p].devices) {
            const PlatformDevice& device = *platform.device(owned.address);
            u32 flags = device.dma ? static_cast<u32>(abi::DeviceFlag::dma) : 0;
            if (device.dma && device.dma_bits <= 32)
                flags |= static_cast<u32>(abi::DeviceFlag::reach_4g);
            records.push_back({owned.address, p, device.iommu_group.value_or(abi::no_group), flags,
                               device.interrupt.value_or(abi::no_interrupt)});
        }
    }
    std::sort(records.begin(), records.end(),
              [](const auto& a, const auto& b) { return a.address < b.address; });
    return records;
}

std::vector<abi::ResourceRecord> resource_records(const Layout& layout, const Platform& platform) {
    return ResourceTable(layout, platform).take();
}

} // namespace cloison
