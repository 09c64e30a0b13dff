// SPDX-License-Identifier: Apache-2.0
// A manifest opened for reading: each table as a span, made from bytes only where all of it lies
// inside them. The rules (verify.hpp) read a ManifestView, so they judge the bytes that the
// firmware is handed and arrays known at compile time alike.
#pragma once

#include "firmware/abi/crc32.hpp"
#include "firmware/abi/guest_map.hpp"
#include "firmware/abi/manifest.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>

namespace cloison::abi {

namespace detail {

/// `count` elements of `table` from `first` on; none where they are not all in it.
template <typename T>
constexpr std::span<const T> run(std::span<const T> table, u32 first, u32 count) {
    if (first > table.size() || count > table.size() - first)
        return {};
    return table.subspan(first, count);
}

} // namespace detail

struct ManifestView {
    u32 machine_flags = 0;
    Extent firmware;
    Extent staging;
    u64 firmware_memory = 0;
    std::span<const PhysicalCpu> cpus;
    std::span<const RamRange> ram;
    std::span<const PartitionRecord> partitions;
    std::span<const u32> partitions_by_name;
    std::span<const ProcessorRecord> processors;
    std::span<const MemoryBlock> memory;
    std::span<const u32> memory_by_host;
    std::span<const ImageRecord> images;
    std::span<const DeviceRecord> devices;
    std::span<const u32> devices_by_group;
    std::span<const ResourceRecord> resources;
    std::span<const FunctionRecord> functions;
    std::span<const ServiceRecord> services;
    std::span<const u8> bytes; // the whole manifest: command lines and ACPI tables lie in it

    /// The partition's virtual CPUs by virtual ID; empty where its run is out of bounds.
    [[nodiscard]] constexpr std::span<const ProcessorRecord>
    processors_of(const PartitionRecord& p) const {
        return detail::run(processors, p.first_processor, p.processor_count);
    }
    /// The partition's memory by guest address; empty where its run is out of bounds.
    [[nodiscard]] constexpr std::span<const MemoryBlock> memory_of(const PartitionRecord& p) const {
        return detail::run(memory, p.first_memory, p.memory_count);
    }
    /// What a function looks like to its driver. Its queues are at most max_virtqueues.
    [[nodiscard]] constexpr VirtioFunctionConfig config_of(const FunctionRecord& f) const {
        return {f.device_id, f.features, std::span(f.queue_sizes).first(f.queues),
                bytes_of(f.config)};
    }
    /// Command line, ACPI tables, texts; empty where out of bounds.
    [[nodiscard]] constexpr std::span<const u8> bytes_of(const Table& table) const {
        return detail::run(bytes, table.offset, table.count);
    }
};

/// CRC-32 of a manifest, its own field taken as zero. `bytes` hold a header at least.
constexpr u32 manifest_crc(std::span<const u8> bytes) {
    constexpr usize at = offsetof(ManifestHeader, crc32);
    constexpr std::array<u8, sizeof(ManifestHeader::crc32)> zero{};
    return crc32(bytes.subspan(at + zero.size()), crc32(zero, crc32(bytes.first(at))));
}

namespace detail {

/// The table's elements; nullopt unless it is aligned, inside `bytes`, and of `max` elements at
/// most.
template <typename T>
std::optional<std::span<const T>> open_table(std::span<const u8> bytes, const Table& table,
                                             u32 max) {
    static_assert(alignof(T) <= 8);
    u64 end = u64{table.offset} + u64{table.count} * sizeof(T);
    if (table.offset % 8 != 0 || table.count > max || end > bytes.size())
        return std::nullopt;
    return std::span(reinterpret_cast<const T*>(bytes.data() + table.offset), table.count);
}

template <typename T>
bool open_into(std::span<const T>& out, std::span<const u8> bytes, const Table& table, u32 max) {
    auto opened = open_table<T>(bytes, table, max);
    if (opened)
        out = *opened;
    return opened.has_value();
}

/// What a partition's record points to: inside `bytes`, and the command line without NUL.
inline bool payload_sound(std::span<const u8> bytes, const PartitionRecord& p) {
    auto cmdline = open_table<u8>(bytes, p.cmdline, max_manifest_size);
    auto acpi = open_table<u8>(bytes, p.acpi, max_manifest_size);
    // Longer ones are refused by their own rule; to read them here could take quadratic time.
    return cmdline && acpi &&
           (cmdline->size() > guest_map::boot_cmdline_max ||
            std::find(cmdline->begin(), cmdline->end(), 0) == cmdline->end());
}

} // namespace detail

/// The header, where `bytes` look like a manifest of the version this code reads: enough to compute
/// the CRC. The bytes must lie at a multiple of 8.
inline const ManifestHeader* manifest_header(std::span<const u8> bytes) {
    if (bytes.size() < sizeof(ManifestHeader) || bytes.size() > max_manifest_size ||
        reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 != 0)
        return nullptr;
    const auto* h = reinterpret_cast<const ManifestHeader*>(bytes.data());
    bool ours = h->magic == manifest_magic && h->version == manifest_version;
    return ours && h->size == bytes.size() ? h : nullptr;
}

/// Opens a manifest: header and bounds of all tables are checked, nothing else. nullopt:
/// Rule::manifest_format. The view refers to `bytes`.
inline std::optional<ManifestView> open_manifest(std::span<const u8> bytes) {
    const ManifestHeader* h = manifest_header(bytes);
    if (h == nullptr)
        return std::nullopt;
    ManifestView m;
    m.machine_flags = h->machine_flags;
    m.firmware = h->firmware;
    m.staging = h->staging;
    m.firmware_memory = h->firmware_memory;
    m.bytes = bytes;
    bool sound =
        detail::open_into(m.cpus, bytes, h->cpus, max_cpus) &&
        detail::open_into(m.ram, bytes, h->ram, max_ram_ranges) &&
        detail::open_into(m.partitions, bytes, h->partitions, max_partitions) &&
        detail::open_into(m.partitions_by_name, bytes, h->partitions_by_name, max_partitions) &&
        detail::open_into(m.processors, bytes, h->processors, max_cpus) &&
        detail::open_into(m.memory, bytes, h->memory, max_memory_blocks) &&
        detail::open_into(m.memory_by_host, bytes, h->memory_by_host, max_memory_blocks) &&
        detail::open_into(m.images, bytes, h->images, max_images) &&
        detail::open_into(m.devices, bytes, h->devices, max_devices) &&
        detail::open_into(m.devices_by_group, bytes, h->devices_by_group, max_devices) &&
        detail::open_into(m.resources, bytes, h->resources, max_resources) &&
        detail::open_into(m.functions, bytes, h->functions, max_functions) &&
        detail::open_into(m.services, bytes, h->services, max_services);
    auto payload = [&](const PartitionRecord& p) { return detail::payload_sound(bytes, p); };
    if (!sound || !std::all_of(m.partitions.begin(), m.partitions.end(), payload))
        return std::nullopt;
    return m;
}

} // namespace cloison::abi
