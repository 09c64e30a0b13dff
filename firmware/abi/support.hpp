// SPDX-License-Identifier: Apache-2.0
// What the firmware cannot do yet. A manifest can be sound, as verify.hpp judges it, and ask for
// more than there is: it is refused by name before anything starts, never run in part.
#pragma once

#include "firmware/abi/manifest_view.hpp"
#include "firmware/abi/rules.hpp"

namespace cloison::abi {

/// Judges a manifest that verify() accepts. Rule::not_yet names the partition in `first` that asks
/// for something else than a client that boots Linux and owns no device.
constexpr Verdict check_support(const ManifestView& m) {
    for (u32 p = 0; p < m.partitions.size(); ++p) {
        const PartitionRecord& record = m.partitions[p];
        if (record.role != static_cast<u32>(Role::client) ||
            record.boot_kind != static_cast<u32>(BootKind::linux_bzimage))
            return {Rule::not_yet, p};
    }
    if (!m.devices.empty())
        return {Rule::not_yet, m.devices[0].partition};
    if (!m.resources.empty())
        return {Rule::not_yet, m.resources[0].partition};
    return {};
}

} // namespace cloison::abi
