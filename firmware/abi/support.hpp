// SPDX-License-Identifier: Apache-2.0
// What the firmware cannot do yet. A manifest can be sound, as verify.hpp judges it, and ask for
// more than there is: it is refused by name before anything starts, never run in part.
#pragma once

#include "firmware/abi/rules.hpp"
#include "firmware/abi/server_map.hpp"

namespace cloison::abi {

/// Judges a manifest that verify() accepts. Rule::not_yet names the partition in `first` that boots
/// something else than Linux, owns a device and is no server, or has devices whose DMA an IOMMU is
/// to confine.
constexpr Verdict check_support(const ManifestView& m) {
    bool iommu = (m.machine_flags & static_cast<u32>(MachineFlag::iommu)) != 0;
    auto owns = [&](u32 p) { return is_server(m.partitions[p].role); };
    for (u32 p = 0; p < m.partitions.size(); ++p)
        if (m.partitions[p].boot_kind != static_cast<u32>(BootKind::linux_bzimage))
            return {Rule::not_yet, p};
    for (const DeviceRecord& device : m.devices)
        if (!owns(device.partition) ||
            (iommu && (device.flags & static_cast<u32>(DeviceFlag::dma)) != 0))
            return {Rule::not_yet, device.partition};
    for (const ResourceRecord& resource : m.resources)
        if (!owns(resource.partition))
            return {Rule::not_yet, resource.partition};
    return {};
}

} // namespace cloison::abi
