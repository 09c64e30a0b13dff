// SPDX-License-Identifier: Apache-2.0
// Manifests for tests: a sound layout in plain vectors, to be spoilt in one place, and made into
// bytes.
#pragma once

#include "firmware/abi/manifest_view.hpp"
#include "firmware/abi/rules.hpp"

#include <algorithm>
#include <cstring>
#include <linux/virtio_ids.h>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloison::abi::test {

class ManifestBuilder {
  public:
    ManifestHeader header{};
    std::vector<PhysicalCpu> cpus;
    std::vector<RamRange> ram;
    std::vector<PartitionRecord> partitions;
    std::vector<u32> partitions_by_name;
    std::vector<ProcessorRecord> processors;
    std::vector<MemoryBlock> memory;
    std::vector<u32> memory_by_host;
    std::vector<ImageRecord> images;
    std::vector<DeviceRecord> devices;
    std::vector<u32> devices_by_group;
    std::vector<ResourceRecord> resources;
    std::vector<FunctionRecord> functions;
    std::vector<ServiceRecord> services;
    std::vector<std::string> cmdlines; // one for each partition
    std::vector<u32> acpi_sizes;       // likewise

    ManifestBuilder() {
        header.magic = manifest_magic;
        header.version = manifest_version;
    }

    /// A partition on the CPUs with these indices; its memory follows by add_memory.
    void add_partition(std::string_view name, std::initializer_list<u32> on_cpus, u32 kernel = 0,
                       u32 initrd = 1) {
        auto index = static_cast<u32>(partitions.size());
        PartitionRecord record{};
        name.copy(record.name, name_size);
        record.boot_kind = static_cast<u32>(BootKind::linux_bzimage);
        record.console = index + 1;
        record.first_processor = static_cast<u32>(processors.size());
        record.processor_count = static_cast<u32>(on_cpus.size());
        record.first_memory = static_cast<u32>(memory.size());
        record.kernel = kernel;
        record.initrd = initrd;
        u32 id = 0;
        for (u32 cpu : on_cpus) {
            cpus[cpu].partition = index;
            cpus[cpu].virtual_id = id++;
            processors.push_back({cpu});
        }
        partitions.push_back(record);
        cmdlines.emplace_back("console=ttyS0");
        acpi_sizes.push_back(1024);
    }

    void rename(u32 partition, std::string_view name) {
        std::fill_n(partitions[partition].name, name_size, '\0');
        name.copy(partitions[partition].name, name_size);
    }

    /// A block of the partition added last.
    void add_memory(u64 guest, u64 host, u64 size) {
        ++partitions.back().memory_count;
        memory.push_back({static_cast<u32>(partitions.size() - 1), 0, guest, host, size});
    }

    void add_resource(ResourceKind kind, u32 partition, u64 base, u64 size) {
        resources.push_back({static_cast<u32>(kind), partition, base, size});
    }

    /// A function with one queue, or as the test makes it. All have one configuration and one text.
    FunctionRecord& add_function(u32 partition, u32 server, u32 device_id = VIRTIO_ID_BLOCK) {
        FunctionRecord record{};
        record.partition = partition;
        record.server = server;
        record.device_id = device_id;
        record.queues = 1;
        record.features = feature_bit(VIRTIO_F_VERSION_1);
        record.queue_sizes[0] = max_queue_size;
        functions.push_back(record);
        return functions.back();
    }

    /// Puts devices, resources and functions in order. The index tables are as they are.
    void sort_devices() {
        std::stable_sort(functions.begin(), functions.end(),
                         [](const auto& a, const auto& b) { return a.partition < b.partition; });
        std::stable_sort(devices.begin(), devices.end(),
                         [](const auto& a, const auto& b) { return a.address < b.address; });
        std::stable_sort(resources.begin(), resources.end(), [](const auto& a, const auto& b) {
            return std::pair(a.kind, a.base) < std::pair(b.kind, b.base);
        });
    }

    /// Puts the index tables in order.
    void sort() {
        order(partitions_by_name, partitions,
              [](const auto& a, const auto& b) { return std::strcmp(a.name, b.name) < 0; });
        order(memory_by_host, memory, [](const auto& a, const auto& b) { return a.host < b.host; });
        order(devices_by_group, devices,
              [](const auto& a, const auto& b) { return a.iommu_group < b.iommu_group; });
    }

    /// The manifest's bytes with a good CRC. The index tables are as they are.
    [[nodiscard]] std::vector<u8> bytes() const {
        std::vector<u8> out(sizeof(ManifestHeader));
        ManifestHeader h = header;
        std::vector<PartitionRecord> records = partitions;
        for (usize p = 0; p < records.size(); ++p) {
            records[p].cmdline =
                append(out, std::vector<char>(cmdlines[p].begin(), cmdlines[p].end()));
            records[p].acpi = append(out, std::vector<u8>(acpi_sizes[p], 0x5A));
        }
        h.cpus = append(out, cpus);
        h.ram = append(out, ram);
        h.partitions = append(out, records);
        h.partitions_by_name = append(out, partitions_by_name);
        h.processors = append(out, processors);
        h.memory = append(out, memory);
        h.memory_by_host = append(out, memory_by_host);
        h.images = append(out, images);
        h.devices = append(out, devices);
        h.devices_by_group = append(out, devices_by_group);
        h.resources = append(out, resources);
        Table config = append(out, std::vector<u8>(24, 0xC5));
        Table text = append(out, std::vector<char>(40, 't'));
        std::vector<FunctionRecord> with_texts = functions;
        for (FunctionRecord& function : with_texts) {
            function.config = config;
            function.service = text;
        }
        h.functions = append(out, with_texts);
        std::vector<ServiceRecord> named = services;
        for (ServiceRecord& service : named)
            service.text = text;
        h.services = append(out, named);
        h.size = static_cast<u32>(out.size());
        std::memcpy(out.data(), &h, sizeof h);
        fix_crc(out);
        return out;
    }

    /// Makes the CRC right again after a change. Nothing happens to bytes too short for a header.
    static void fix_crc(std::vector<u8>& bytes) {
        if (bytes.size() < sizeof(ManifestHeader))
            return;
        u32 crc = manifest_crc(bytes);
        std::memcpy(bytes.data() + offsetof(ManifestHeader, crc32), &crc, sizeof crc);
    }

  private:
    template <typename T, typename F>
    static void order(std::vector<u32>& index, const std::vector<T>& table, F less) {
        index.resize(table.size());
        std::iota(index.begin(), index.end(), 0);
        std::stable_sort(index.begin(), index.end(),
                         [&](u32 a, u32 b) { return less(table[a], table[b]); });
    }

    template <typename T>
    static Table append(std::vector<u8>& out, const std::vector<T>& elements) {
        Table table{static_cast<u32>(out.size()), static_cast<u32>(elements.size())};
        usize size = elements.size() * sizeof(T);
        out.resize(round_up(out.size() + size, 8));
        if (size != 0)
            std::memcpy(out.data() + table.offset, elements.data(), size);
        return table;
    }
};

/// Gives both partitions devices: beta two that share a group and an interrupt, and COM2; alpha a
/// network adapter and one without DMA.
inline void add_devices(ManifestBuilder& b) {
    constexpr auto dma = static_cast<u32>(DeviceFlag::dma);
    constexpr auto reach_4g = static_cast<u32>(DeviceFlag::reach_4g);
    b.header.machine_flags |= static_cast<u32>(MachineFlag::iommu);
    b.devices = {{0x0000'0018, 0, 7, dma, 17},
                 {0x0000'0100, 1, 3, dma, 16},
                 {0x0000'0200, 0, 7, dma | reach_4g, 17},
                 {0x0001'0000, 1, no_group, 0, no_interrupt}};
    b.add_resource(ResourceKind::mmio, 0, 0xC0000000, 64 * kib);
    b.add_resource(ResourceKind::mmio, 1, 0xC0010000, page_size);
    b.add_resource(ResourceKind::mmio, 0, 16 * gib, 64 * mib);
    b.add_resource(ResourceKind::ports, 0, 0x2F8, 8);
    b.add_resource(ResourceKind::ports, 1, 0xC000, 0x20);
    b.add_resource(ResourceKind::interrupt, 0, 3, 1);
    b.add_resource(ResourceKind::interrupt, 1, 16, 1);
    b.add_resource(ResourceKind::interrupt, 0, 17, 1);
}

/// Two partitions on a machine of four CPUs and 8 GiB: beta has memory above 4 GiB too, and comes
/// after alpha in the layout but before it in the machine's memory.
inline ManifestBuilder two_partitions() {
    ManifestBuilder b;
    b.header.firmware = {2 * mib, 4 * mib};
    b.header.staging = {0xB0000000, 0x10000000};
    b.header.firmware_memory = 1 * mib;
    b.ram = {{1 * mib, 3 * gib - 1 * mib}, {4 * gib, 5 * gib}};
    for (u32 apic_id : {0u, 1u, 2u, 4u})
        b.cpus.push_back({apic_id, unassigned, 0, 0});
    b.images = {{static_cast<u32>(ImageKind::linux_kernel), 1, 8 * mib},
                {static_cast<u32>(ImageKind::initrd), 2, 20 * mib},
                {static_cast<u32>(ImageKind::multiboot_kernel), 3, 1 * mib}};
    b.add_partition("beta", {3, 0});
    b.add_memory(0, 512 * mib, 1 * gib);
    b.add_memory(1 * gib, 4 * gib, 2 * gib);
    b.add_memory(4 * gib, 7 * gib, 1 * gib);
    b.add_partition("alpha", {2});
    b.add_memory(0, 256 * mib, 256 * mib);
    add_devices(b);
    b.sort();
    return b;
}

/// The same with beta as the control partition, which serves alpha and a third one, gamma.
inline ManifestBuilder served() {
    ManifestBuilder b = two_partitions();
    b.partitions[0].role = static_cast<u32>(Role::control);
    b.add_partition("gamma", {1});
    b.add_memory(0, 2 * gib, 64 * mib);
    b.add_function(1, 0);
    b.add_function(1, 0, VIRTIO_ID_NET);
    b.add_function(2, 0);
    b.services = {{0, 0, {}}, {0, 0, {}}};
    b.sort();
    return b;
}

} // namespace cloison::abi::test
