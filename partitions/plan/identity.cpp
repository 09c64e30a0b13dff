// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/identity.hpp"
#include "firmware/abi/guest_map.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison {

namespace {

using xml::quote;

// Where guests have RAM, without the first 2 MiB; the devices' addresses are between the two. From
// the end of the high one on a server has its clients' memory.
constexpr Extent low{large_page_size, guest_map::low_ram_limit - large_page_size};
constexpr Extent high{guest_map::high_ram_base,
                      guest_map::server_window.base - guest_map::high_ram_base};

/// Whether the devices that reach only 4 GiB would find some of the partition's memory there.
bool in_reach(const LayoutPartition& partition, const Platform& platform, u64 below_4g,
              Diagnostics& findings) {
    bool all = true;
    for (const OwnedDevice& owned : partition.devices) {
        const PlatformDevice* device = platform.device(owned.address);
        if (device == nullptr || !device->dma || device->dma_bits != 32 || below_4g != 0)
            continue;
        findings.error(owned.where, "dma-reach",
                       "this device reaches 4 GiB only, and " + quote(partition.name) +
                           " gets no memory there",
                       "leave it some memory below 4 GiB");
        all = false;
    }
    return all;
}

} // namespace

bool needs_identity(const LayoutPartition& partition, const Platform& platform) {
    return !platform.iommu && std::any_of(partition.devices.begin(), partition.devices.end(),
                                          [&](const OwnedDevice& owned) {
                                              const PlatformDevice* device =
                                                  platform.device(owned.address);
                                              return device != nullptr && device->dma;
                                          });
}

std::vector<PlannedMemory> take_identity(const LayoutPartition& partition, const Platform& platform,
                                         u64 size, u32 home, NodeMemory& free,
                                         Diagnostics& findings) {
    u64 rest = size - large_page_size;
    // What is low is worth most: the first 2 MiB are taken elsewhere if they can be.
    auto first = free.take(large_page_size, home, large_page_size, 0, high);
    if (first.empty())
        first = free.take(large_page_size, home, large_page_size, 0, NodeMemory::anywhere);
    u64 in_low = std::min(rest, free.size_in(large_page_size, low));
    if (!in_reach(partition, platform, in_low, findings))
        return {};
    auto blocks = free.take(in_low, home, large_page_size, 0, low);
    for (const Extent& block : free.take(rest - in_low, home, large_page_size, 0, high)) {
        blocks.push_back(block);
        in_low += block.size;
    }
    if (first.empty() || in_low != rest) {
        findings.error(partition.memory().where, "identity-map",
                       quote(partition.name) + " needs memory where the machine and a guest both "
                                               "have RAM, and there is not enough of it",
                       "ask for less memory");
        return {};
    }
    std::vector<PlannedMemory> memory{{0, first.front().base, large_page_size}};
    for (const Extent& block : blocks)
        memory.push_back({block.base, block.base, block.size});
    return memory;
}

std::vector<PlannedMemory> pin_identity(const LayoutPartition& partition, const Platform& platform,
                                        Diagnostics& findings) {
    std::vector<PlannedMemory> memory;
    bool placed = true;
    u64 in_low = 0;
    for (const PinnedMemory& pinned : partition.memory().pinned) {
        const Extent& at = pinned.extent;
        bool first = memory.empty();
        placed =
            placed && (first ? at.size == large_page_size : low.contains(at) || high.contains(at));
        memory.push_back({first ? 0 : at.base, at.base, at.size});
        in_low += !first && low.contains(at) ? at.size : 0;
    }
    if (!placed)
        findings.error(partition.memory().where, "identity-pinned",
                       quote(partition.name) +
                           " owns devices that do DMA, and the platform has no IOMMU: its memory "
                           "cannot be at other addresses than the machine's",
                       "let the first <at/> be 2MiB anywhere, the others below 3GiB or from 4GiB "
                       "to 256GiB; or leave them out");
    if (!placed || !in_reach(partition, platform, in_low, findings))
        return {};
    return memory;
}

} // namespace cloison
