// SPDX-License-Identifier: Apache-2.0
// The verifier: may this manifest be activated? One answer for `cloison check`, for the tests and
// for the firmware at power-on, since all of them call this.
//
// Every rule is one linear pass over tables that the planner sorted; the order is verified on the
// way, so a wrong one is refused and cannot hide a clash. Nothing is allocated; the largest thing
// on the stack is a partition's memory map, some 500 bytes. Whether the machine has the CPUs and
// the RAM that the manifest counts on is for the firmware to see, not verified here.
#pragma once

#include "firmware/abi/verify_cpus.hpp"
#include "firmware/abi/verify_devices.hpp"
#include "firmware/abi/verify_functions.hpp"
#include "firmware/abi/verify_memory.hpp"
#include "firmware/abi/verify_partitions.hpp"

namespace cloison::abi {

/// All rules but those about the manifest's bytes. The first one broken is the verdict; its
/// `first` and `second` are indices into
///   cpus          apic_id_duplicate, and cpu_unknown of an ID no CPU can have
///   processors    cpu_unknown, cpu_double_use
///   memory        memory_alignment, _guest_overlap, _guest_hole, _outside_ram, _overlap
///   devices       device_double_use, dma_without_iommu, iommu_group_split
///   resources     mmio_range, port_range, interrupt_range
///   functions     function_unsound, function_server
///   partitions    all others; for image_unknown and image_kind, `second` is the image
/// or party_firmware for what the firmware has itself, party_staging for the staging area.
constexpr Verdict check_rules(const ManifestView& m) {
    // Each may rely on those before it.
    constexpr std::array rules{
        detail::check_structure,
        detail::check_names,
        detail::check_policies,
        detail::check_control,
        detail::check_processors,
        detail::check_physical_cpus,
        detail::check_guest_memory,
        detail::check_ram,
        detail::check_firmware_memory,
        detail::check_host_memory,
        detail::check_consoles,
        detail::check_images,
        detail::check_tables,
        detail::check_image_fit,
        detail::check_identity,
        detail::check_devices,
        detail::check_groups,
        detail::check_resources,
        detail::check_device_interrupts,
        detail::check_functions,
        detail::check_services,
        detail::check_servers,
    };
    for (auto rule : rules) {
        if (Verdict verdict = rule(m); !verdict.ok())
            return verdict;
    }
    return {};
}

/// Judges a manifest as it came: form, CRC, then every rule. `bytes` are the whole of it, no more,
/// at an address that is a multiple of 8.
inline Verdict verify(std::span<const u8> bytes) {
    const ManifestHeader* header = manifest_header(bytes);
    if (header == nullptr)
        return {Rule::manifest_format};
    if (manifest_crc(bytes) != header->crc32)
        return {Rule::manifest_damaged};
    auto view = open_manifest(bytes);
    return view ? check_rules(*view) : Verdict{Rule::manifest_format};
}

} // namespace cloison::abi
