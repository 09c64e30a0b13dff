// SPDX-License-Identifier: Apache-2.0
#include "partitions/manifest/manifest.hpp"
#include "firmware/abi/support.hpp"
#include "firmware/abi/verify.hpp"
#include "partitions/manifest/devices.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <span>

namespace cloison {

namespace {

/// Appends tables to the manifest, each at a multiple of 8.
class Writer {
  public:
    Writer() : bytes_(sizeof(abi::ManifestHeader)) {}

    template <typename T>
    abi::Table put(std::span<const T> elements) {
        bytes_.resize(round_up(bytes_.size(), 8));
        abi::Table table{static_cast<u32>(bytes_.size()), static_cast<u32>(elements.size())};
        const auto* first = reinterpret_cast<const u8*>(elements.data());
        bytes_.insert(bytes_.end(), first, first + elements.size_bytes());
        return table;
    }
    template <typename T>
    abi::Table put(const std::vector<T>& elements) {
        return put(std::span<const T>(elements));
    }

    /// The finished manifest: sizes and CRC go into `header`, the header in front.
    std::vector<u8> finish(abi::ManifestHeader header) {
        bytes_.resize(round_up(bytes_.size(), 8));
        header.size = static_cast<u32>(bytes_.size());
        header.crc32 = 0;
        std::memcpy(bytes_.data(), &header, sizeof header);
        header.crc32 = abi::manifest_crc(bytes_);
        std::memcpy(bytes_.data(), &header, sizeof header);
        return std::move(bytes_);
    }

  private:
    std::vector<u8> bytes_;
};

/// Indices of 0 .. count - 1 in the order of `less`.
template <typename F>
std::vector<u32> sorted_indices(usize count, F&& less) {
    std::vector<u32> indices(count);
    std::iota(indices.begin(), indices.end(), 0);
    std::sort(indices.begin(), indices.end(), less);
    return indices;
}

std::vector<abi::PhysicalCpu> physical_cpus(const Platform& platform) {
    std::vector<abi::PhysicalCpu> cpus;
    for (const PlatformProcessor& processor : platform.processors)
        cpus.push_back({processor.apic_id, abi::unassigned, 0, 0});
    std::sort(cpus.begin(), cpus.end(),
              [](const auto& a, const auto& b) { return a.apic_id < b.apic_id; });
    return cpus;
}

/// Assigns the partitions' CPUs in `cpus` and returns the virtual ones.
std::vector<abi::ProcessorRecord> processors(const Plan& plan,
                                             std::vector<abi::PhysicalCpu>& cpus) {
    std::map<u32, u32> index; // by APIC ID
    for (u32 i = 0; i < cpus.size(); ++i)
        index.emplace(cpus[i].apic_id, i);
    std::vector<abi::ProcessorRecord> records;
    for (u32 p = 0; p < plan.partitions.size(); ++p) {
        const auto& apic_ids = plan.partitions[p].apic_ids;
        for (u32 id = 0; id < apic_ids.size(); ++id) {
            u32 cpu = index.at(apic_ids[id]);
            cpus[cpu].partition = p;
            cpus[cpu].virtual_id = id;
            records.push_back({cpu});
        }
    }
    return records;
}

std::vector<abi::MemoryBlock> memory_blocks(const Plan& plan) {
    std::vector<abi::MemoryBlock> blocks;
    for (u32 p = 0; p < plan.partitions.size(); ++p)
        for (const PlannedMemory& memory : plan.partitions[p].memory)
            blocks.push_back({p, 0, memory.guest, memory.host, memory.size});
    return blocks;
}

/// The partitions' runs, one after the other.
std::vector<abi::FunctionRecord> function_records(const Plan& plan, Writer& writer) {
    std::vector<abi::FunctionRecord> records;
    for (u32 p = 0; p < plan.partitions.size(); ++p) {
        for (const PlannedFunction& function : plan.partitions[p].functions) {
            abi::FunctionRecord r{};
            r.partition = p;
            r.server = function.server;
            r.device_id = function.device_id;
            r.queues = static_cast<u32>(function.queue_sizes.size());
            r.features = function.features;
            r.config = writer.put(function.config);
            r.service = writer.put(std::span<const char>(function.service));
            std::copy_n(function.queue_sizes.begin(),
                        std::min(function.queue_sizes.size(), r.queue_sizes.size()),
                        r.queue_sizes.begin());
            records.push_back(r);
        }
    }
    return records;
}

std::vector<abi::ServiceRecord> service_records(const Plan& plan, Writer& writer) {
    std::vector<abi::ServiceRecord> records;
    for (const PlannedService& service : plan.services)
        records.push_back({service.server, 0, writer.put(std::span<const char>(service.text))});
    return records;
}

/// What the plan counts on: DMA remapping only where there are devices to confine.
u32 machine_flags(const Platform& platform, bool devices) {
    u32 flags = platform.large_pages_1g ? static_cast<u32>(abi::MachineFlag::large_pages_1g) : 0;
    if (platform.iommu && devices)
        flags |= static_cast<u32>(abi::MachineFlag::iommu);
    return flags;
}

/// As find_images() has it: what is no bzImage is an ELF.
abi::BootKind boot_kind(BootWord word) {
    return word == BootWord::linux_bzimage ? abi::BootKind::linux_bzimage
                                           : abi::BootKind::multiboot1;
}

std::vector<abi::PartitionRecord> partition_records(const Layout& layout, const Plan& plan,
                                                    Writer& writer) {
    std::vector<abi::PartitionRecord> records;
    u32 processor = 0, block = 0;
    for (usize i = 0; i < plan.partitions.size(); ++i) {
        const LayoutPartition& wanted = layout.partitions[i];
        const PlannedPartition& planned = plan.partitions[i];
        const std::string& cmdline = wanted.boot.command_line;
        abi::PartitionRecord r{};
        wanted.name.copy(r.name, abi::name_size - 1);
        r.role = static_cast<u32>(wanted.role);
        r.boot_kind = static_cast<u32>(boot_kind(wanted.boot.kind));
        r.failure_policy = static_cast<u32>(wanted.failure.policy);
        r.activation = wanted.activation;
        if (planned.identity_mapped)
            r.flags |= static_cast<u32>(abi::PartitionFlag::identity);
        r.console = planned.console;
        r.first_processor = processor;
        r.processor_count = static_cast<u32>(planned.apic_ids.size());
        r.first_memory = block;
        r.memory_count = static_cast<u32>(planned.memory.size());
        r.kernel = planned.kernel;
        r.initrd = planned.initrd;
        r.cmdline = writer.put(std::span<const char>(cmdline));
        r.acpi = writer.put(planned.acpi);
        processor += r.processor_count;
        block += r.memory_count;
        records.push_back(r);
    }
    return records;
}

std::vector<abi::ImageRecord> image_records(const Plan& plan) {
    std::vector<abi::ImageRecord> records;
    for (const ImageFile& image : plan.images)
        records.push_back({static_cast<u32>(image.kind), image.crc32c, image.size});
    return records;
}

} // namespace

std::vector<u8> make_manifest(const Layout& layout, const Platform& platform, const Plan& plan) {
    Writer writer;
    auto partitions = partition_records(layout, plan, writer);
    auto cpus = physical_cpus(platform);
    auto virtual_cpus = processors(plan, cpus);
    auto memory = memory_blocks(plan);
    auto by_name = sorted_indices(partitions.size(), [&](u32 a, u32 b) {
        return layout.partitions[a].name < layout.partitions[b].name;
    });
    auto by_host = sorted_indices(memory.size(),
                                  [&](u32 a, u32 b) { return memory[a].host < memory[b].host; });
    auto devices = device_records(layout, platform);
    auto by_group = sorted_indices(devices.size(), [&](u32 a, u32 b) {
        return std::pair(devices[a].iommu_group, a) < std::pair(devices[b].iommu_group, b);
    });
    abi::ManifestHeader header{};
    header.magic = abi::manifest_magic;
    header.version = abi::manifest_version;
    header.machine_flags = machine_flags(platform, !devices.empty());
    header.firmware = plan.firmware;
    header.staging = plan.staging;
    header.firmware_memory = plan.budget.firmware_used;
    header.cpus = writer.put(cpus);
    header.ram = writer.put(plan.ram);
    header.partitions = writer.put(partitions);
    header.partitions_by_name = writer.put(by_name);
    header.processors = writer.put(virtual_cpus);
    header.memory = writer.put(memory);
    header.memory_by_host = writer.put(by_host);
    header.images = writer.put(image_records(plan));
    header.devices = writer.put(devices);
    header.devices_by_group = writer.put(by_group);
    header.resources = writer.put(resource_records(layout, platform));
    header.functions = writer.put(function_records(plan, writer));
    header.services = writer.put(service_records(plan, writer));
    return writer.finish(header);
}

void set_firmware_memory(std::vector<u8>& manifest, u64 bytes) {
    auto put = [&](usize at, const auto& value) {
        std::memcpy(manifest.data() + at, &value, sizeof value);
    };
    put(offsetof(abi::ManifestHeader, firmware_memory), bytes);
    put(offsetof(abi::ManifestHeader, crc32), abi::manifest_crc(manifest));
}

std::string verify_manifest(const std::vector<u8>& manifest, Purpose purpose) {
    abi::Verdict verdict = abi::verify(manifest);
    if (verdict.ok() && purpose == Purpose::boot)
        verdict = abi::check_support(*abi::open_manifest(manifest));
    if (verdict.ok())
        return {};
    return std::string("the manifest breaks rule ") + abi::rule_name(verdict.rule) + " (first " +
           std::to_string(verdict.first) + ", second " + std::to_string(verdict.second) + ")";
}

} // namespace cloison
