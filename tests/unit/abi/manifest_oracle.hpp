// SPDX-License-Identifier: Apache-2.0
// What isolation needs of a manifest, said as plainly as possible: everything compared with
// everything, no use made of any order. Slow, and for that reason another opinion than verify()'s.
#pragma once

#include "firmware/abi/console.hpp"
#include "firmware/abi/guest_map.hpp"
#include "firmware/abi/manifest_view.hpp"
#include "tests/unit/abi/device_oracle.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cloison::abi::test {

/// A host range and whose it is; the firmware is nobody's neighbour by being partition -1 and -2.
struct Holding {
    Extent host;
    Extent guest;
    int owner;
};

inline std::vector<Holding> holdings(const ManifestView& m) {
    std::vector<Holding> all{{m.firmware, {}, -1}, {m.staging, {}, -2}};
    for (usize p = 0; p < m.partitions.size(); ++p) {
        for (const MemoryBlock& b : m.memory_of(m.partitions[p]))
            all.push_back({{b.host, b.size}, {b.guest, b.size}, static_cast<int>(p)});
    }
    return all;
}

/// All of `wanted` is covered by ranges of `ram`, taken piece by piece.
inline bool covered(const Extent& wanted, std::span<const RamRange> ram) {
    u64 at = wanted.base;
    for (bool moved = true; moved && at - wanted.base < wanted.size;) {
        moved = false;
        for (const RamRange& r : ram) {
            if (r.contains(at)) {
                at = r.end();
                moved = true;
            }
        }
    }
    return at - wanted.base >= wanted.size;
}

/// The first reason why the partitions would not be isolated; empty when there is none.
inline std::string memory_trouble(const ManifestView& m) {
    auto all = holdings(m);
    for (usize i = 0; i < all.size(); ++i) {
        if (!all[i].host.sane() || !covered(all[i].host, m.ram))
            return "outside RAM";
        for (usize j = 0; j < i; ++j) {
            if (all[i].host.overlaps(all[j].host))
                return "host memory given twice";
            if (all[i].owner == all[j].owner && all[i].guest.overlaps(all[j].guest))
                return "guest addresses given twice";
        }
        constexpr Extent devices{guest_map::low_ram_limit,
                                 guest_map::high_ram_base - guest_map::low_ram_limit};
        if (all[i].guest.overlaps(devices))
            return "memory where devices are";
        if (all[i].owner >= 0 && ((all[i].host.base | all[i].guest.base) % large_page_size != 0 ||
                                  all[i].host.size % large_page_size != 0))
            return "a page shared with a neighbour";
    }
    return {};
}

inline std::string trouble(const ManifestView& m) {
    std::set<u32> cpus;
    std::set<u32> apic_ids;
    std::set<std::string> names;
    std::set<u32> channels;
    u32 controls = 0;
    for (const PartitionRecord& p : m.partitions) {
        auto run = m.processors_of(p);
        if (run.size() != p.processor_count || run.empty())
            return "no CPU";
        for (usize id = 0; id < run.size(); ++id) {
            if (run[id].cpu >= m.cpus.size() || !cpus.insert(run[id].cpu).second)
                return "CPU given twice";
            if (!apic_ids.insert(m.cpus[run[id].cpu].apic_id).second)
                return "APIC ID given twice";
            if (m.cpus[run[id].cpu].virtual_id != id)
                return "virtual ID";
        }
        if (p.role == static_cast<u32>(Role::control) && ++controls > 1)
            return "two control partitions";
        auto memory = m.memory_of(p);
        if (memory.size() != p.memory_count || memory.empty() || memory[0].guest != 0)
            return "no memory";
        if (!names.insert(std::string(p.name, strnlen(p.name, name_size))).second)
            return "name given twice";
        if (p.console != 0 && (p.console >= console_channels || !channels.insert(p.console).second))
            return "console channel given twice";
        if (p.kernel >= m.images.size() || (p.initrd != no_image && p.initrd >= m.images.size()))
            return "image";
        if (m.bytes_of(p.acpi).size() != p.acpi.count || p.acpi.count > guest_map::acpi.size)
            return "ACPI tables";
        if (m.bytes_of(p.cmdline).size() != p.cmdline.count ||
            p.cmdline.count >= guest_map::boot_cmdline_max)
            return "command line";
    }
    std::string memory = memory_trouble(m);
    return memory.empty() ? device_trouble(m) : memory;
}

} // namespace cloison::abi::test
