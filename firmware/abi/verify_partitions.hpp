// SPDX-License-Identifier: Apache-2.0
// The rules about partitions one by one: their names, policies, consoles and boot images.
#pragma once

#include "firmware/abi/console.hpp"
#include "firmware/abi/guest_map.hpp"
#include "firmware/abi/manifest_view.hpp"
#include "firmware/abi/memory_map.hpp"
#include "firmware/abi/placement.hpp"
#include "firmware/abi/rules.hpp"

namespace cloison::abi::detail {

/// The index tables are as long as what they list; the partitions' runs follow each other in the
/// layout's order and leave nothing over; all flags are known.
constexpr Verdict check_structure(const ManifestView& m) {
    constexpr u32 known_flags =
        static_cast<u32>(MachineFlag::large_pages_1g) | static_cast<u32>(MachineFlag::iommu);
    if ((m.machine_flags & ~known_flags) != 0 ||
        m.partitions_by_name.size() != m.partitions.size() ||
        m.memory_by_host.size() != m.memory.size() || m.devices_by_group.size() != m.devices.size())
        return {Rule::manifest_format};
    constexpr u32 known_partition_flags = static_cast<u32>(PartitionFlag::identity);
    u64 processors = 0;
    u64 blocks = 0;
    for (const PartitionRecord& p : m.partitions) {
        if (p.first_processor != processors || p.first_memory != blocks ||
            (p.flags & ~known_partition_flags) != 0)
            return {Rule::manifest_format};
        processors += p.processor_count;
        blocks += p.memory_count;
    }
    if (processors != m.processors.size() || blocks != m.memory.size())
        return {Rule::manifest_format};
    if (m.partitions.empty())
        return {Rule::no_partitions};
    return {};
}

constexpr bool name_valid(const char (&name)[name_size]) {
    auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    usize length = 0;
    while (length < name_size &&
           (letter(name[length]) || (length > 0 && (digit(name[length]) || name[length] == '-'))))
        ++length;
    if (length == 0 || length == name_size)
        return false;
    return std::all_of(name + length, name + name_size, [](char c) { return c == 0; });
}

/// Names are well-formed; partitions_by_name puts them in strictly ascending order, which proves
/// that they differ and that each is listed once.
constexpr Verdict check_names(const ManifestView& m) {
    for (u32 p = 0; p < m.partitions.size(); ++p) {
        if (!name_valid(m.partitions[p].name))
            return {Rule::partition_name, p};
    }
    for (u32 i = 0; i < m.partitions_by_name.size(); ++i) {
        u32 self = m.partitions_by_name[i];
        if (self >= m.partitions.size())
            return {Rule::manifest_format, i};
        if (i == 0)
            continue;
        u32 previous = m.partitions_by_name[i - 1];
        const auto& a = m.partitions[previous].name;
        const auto& b = m.partitions[self].name;
        if (self != previous && std::equal(a, a + name_size, b))
            return {Rule::partition_name, previous, self};
        if (!std::lexicographical_compare(a, a + name_size, b, b + name_size))
            return {Rule::manifest_format, i};
    }
    return {};
}

constexpr Verdict check_policies(const ManifestView& m) {
    for (u32 p = 0; p < m.partitions.size(); ++p) {
        const PartitionRecord& record = m.partitions[p];
        bool known = record.role <= static_cast<u32>(Role::io_server) &&
                     record.boot_kind >= static_cast<u32>(BootKind::linux_bzimage) &&
                     record.boot_kind <= static_cast<u32>(BootKind::multiboot1) &&
                     record.failure_policy <= static_cast<u32>(FailurePolicy::reset);
        if (!known)
            return {Rule::policy_unknown, p};
    }
    return {};
}

/// One control partition at most: two that manage the machine would undo each other's work.
constexpr Verdict check_control(const ManifestView& m) {
    std::optional<u32> control;
    for (u32 p = 0; p < m.partitions.size(); ++p) {
        if (m.partitions[p].role != static_cast<u32>(Role::control))
            continue;
        if (control)
            return {Rule::control_twice, *control, p};
        control = p;
    }
    return {};
}

/// Channels are in range and differ; 0 is none, and the firmware's own.
constexpr Verdict check_consoles(const ManifestView& m) {
    std::array<u16, console_channels> users{}; // partition + 1
    static_assert(max_partitions < 0xFFFF);
    for (u32 p = 0; p < m.partitions.size(); ++p) {
        u32 channel = m.partitions[p].console;
        if (channel == 0)
            continue;
        if (channel >= console_channels)
            return {Rule::console_channel, p};
        if (users[channel] != 0)
            return {Rule::console_channel, users[channel] - u32{1}, p};
        users[channel] = static_cast<u16>(p + 1);
    }
    return {};
}

/// Whether the way of booting takes a kernel of this kind.
constexpr bool boots(u32 boot_kind, u32 image_kind) {
    auto is = [&](ImageKind kind) { return image_kind == static_cast<u32>(kind); };
    return boot_kind == static_cast<u32>(BootKind::linux_bzimage)
               ? is(ImageKind::linux_kernel) || is(ImageKind::linux_elf)
               : is(ImageKind::multiboot_kernel);
}

/// Kernel and initrd exist, hold something, and are what the partition's way of booting takes.
constexpr Verdict check_images(const ManifestView& m) {
    for (u32 p = 0; p < m.partitions.size(); ++p) {
        const PartitionRecord& record = m.partitions[p];
        auto missing = [&](u32 image) {
            return image >= m.images.size() || m.images[image].size == 0;
        };
        if (missing(record.kernel))
            return {Rule::image_unknown, p, record.kernel};
        if (!boots(record.boot_kind, m.images[record.kernel].kind))
            return {Rule::image_kind, p, record.kernel};
        if (record.initrd == no_image)
            continue;
        if (missing(record.initrd))
            return {Rule::image_unknown, p, record.initrd};
        if (m.images[record.initrd].kind != static_cast<u32>(ImageKind::initrd))
            return {Rule::image_kind, p, record.initrd};
    }
    return {};
}

/// What is handed to the guest beside its images has the size of its place.
constexpr Verdict check_tables(const ManifestView& m) {
    constexpr u32 rsdp_size = 36; // ACPI 6.4, 5.2.5.3
    for (u32 p = 0; p < m.partitions.size(); ++p) {
        const PartitionRecord& record = m.partitions[p];
        if (record.cmdline.count >= guest_map::boot_cmdline_max) // a NUL is added
            return {Rule::cmdline_length, p};
        if (record.acpi.count < rsdp_size || record.acpi.count > guest_map::acpi.size)
            return {Rule::acpi_size, p};
    }
    return {};
}

/// The images fit, as far as their sizes tell: the loader, which sees them, judges by the same
/// place_linux() with the kernel's own demands. The partitions' memory and images are sound.
constexpr Verdict check_image_fit(const ManifestView& m) {
    for (u32 p = 0; p < m.partitions.size(); ++p) {
        const PartitionRecord& record = m.partitions[p];
        u64 initrd = record.initrd == no_image ? 0 : m.images[record.initrd].size;
        auto map = partition_memory_map(m.memory_of(record), is_identity(record));
        const ImageRecord& kernel = m.images[record.kernel];
        LinuxShape least = kernel.kind == static_cast<u32>(ImageKind::linux_elf)
                               ? least_elf_shape
                               : least_shape(kernel.size);
        if (!map || !place_linux(least, initrd, map->entries()))
            return {Rule::image_fit, p};
    }
    return {};
}

} // namespace cloison::abi::detail
