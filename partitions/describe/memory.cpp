// SPDX-License-Identifier: Apache-2.0
#include "partitions/describe/memory.hpp"

#include "firmware/abi/footprint.hpp"
#include "partitions/describe/error.hpp"
#include "partitions/describe/extents.hpp"
#include "partitions/describe/values.hpp"

#include <algorithm>

namespace cloison::describe {

namespace {

constexpr const char* map_folder = "/sys/firmware/memmap";
constexpr usize most_map_entries = 4096; // Linux takes 128 from a BIOS, and some from UEFI

/// The memory map: what is RAM, and what is something else.
struct Map {
    TableState state = TableState::absent;
    std::vector<Extent> ram, other;
};

/// One entry. None where a file of it cannot be read.
bool read_entry(const Tree& tree, const std::string& folder, Map& map) {
    auto start = number_in(tree, folder + "/start", ~u64{0});
    auto last = number_in(tree, folder + "/end", ~u64{0});
    auto type = tree.read(folder + "/type");
    if (!start || !last || !type)
        return false;
    if (*last < *start)
        throw DescribeError(tree.name(folder) + ": ends before it begins");
    bool ram = trim(*type) == "System RAM";
    if (ram && *last >= address_space)
        throw DescribeError(tree.name(folder) + ": RAM beyond 4096 TiB, which no processor has");
    if (*start < address_space)
        (ram ? map.ram : map.other)
            .push_back({*start, std::min(*last, address_space - 1) - *start + 1});
    return true;
}

Map read_map(const Tree& tree) {
    Map map;
    auto names = tree.list(map_folder);
    if (names.size() > most_map_entries)
        throw DescribeError(tree.name(map_folder) + ": has more than " +
                            std::to_string(most_map_entries) + " entries");
    if (!tree.has(map_folder))
        return map;
    map.state = TableState::closed;
    for (const std::string& name : names) {
        if (!number_of(name, ""))
            continue;
        if (!read_entry(tree, std::string(map_folder) + "/" + name, map))
            return {TableState::closed, {}, {}};
        map.state = TableState::read;
    }
    return map;
}

/// Cuts ranges where nodes meet.
std::vector<RamRange> with_nodes(const std::vector<Extent>& ranges,
                                 std::vector<NodeMemory> memory) {
    std::sort(memory.begin(), memory.end(), [](const NodeMemory& a, const NodeMemory& b) {
        return a.extent.base < b.extent.base;
    });
    std::vector<RamRange> ram;
    for (const Extent& range : ranges) {
        u64 at = range.base;
        for (const NodeMemory& part : memory) {
            u64 begin = std::max(round_up(part.extent.base, page_size), at);
            u64 end = std::min(round_down(part.extent.end(), page_size), range.end());
            if (begin >= end)
                continue;
            if (begin > at)
                ram.push_back({{at, begin - at}, {}});
            ram.push_back({{begin, end - begin}, part.node});
            at = end;
        }
        if (at < range.end())
            ram.push_back({{at, range.end() - at}, {}});
    }
    return ram;
}

/// Leaves the largest ranges that a platform can have, in their order.
usize drop_smallest(std::vector<RamRange>& ram) {
    usize dropped = 0;
    for (; ram.size() > abi::max_ram_ranges; ++dropped)
        ram.erase(
            std::min_element(ram.begin(), ram.end(), [](const RamRange& a, const RamRange& b) {
                return a.extent.size < b.extent.size;
            }));
    return dropped;
}

/// From 2 MiB, where the image is linked to run. 4 MiB, or what a partition for each CPU and tables
/// for all RAM would take.
Extent firmware_region(u64 processors, u64 ram) {
    constexpr u64 image = mib; // several times what it is
    constexpr u64 tables = 6;  // of a small partition
    u64 most =
        abi::firmware_footprint(image, processors, processors, processors * tables + ram / gib);
    return {2 * mib, std::max(4 * mib, round_up(most, large_page_size))};
}

/// The last `size` bytes, in whole 2 MiB pages, of the highest range that has so many below 4 GiB
/// and behind the firmware.
std::optional<Extent> highest_room(const std::vector<RamRange>& ram, u64 size,
                                   const Extent& firmware) {
    for (auto range = ram.rbegin(); range != ram.rend(); ++range) {
        u64 begin = std::max(range->extent.base, firmware.end());
        u64 end = round_down(std::min(range->extent.end(), 4 * gib), large_page_size);
        if (end >= begin && end - begin >= size)
            return Extent{end - size, size};
    }
    return std::nullopt;
}

/// Every 16 GiB of RAM get room for another kernel and initramfs of 64 MiB, up to 512 MiB; as much
/// of it as there is in one place below 4 GiB.
std::optional<Extent> staging_area(const std::vector<RamRange>& ram, u64 total,
                                   const Extent& firmware) {
    constexpr u64 step = 64 * mib, most = 512 * mib;
    u64 wanted = std::clamp(round_up(total, 16 * gib) / (16 * gib) * step, step, most);
    for (u64 size = wanted; size >= step; size -= step)
        if (auto room = highest_room(ram, size, firmware))
            return room;
    return std::nullopt;
}

} // namespace

u64 Memory::size() const {
    u64 sum = 0;
    for (const RamRange& range : ram)
        sum += range.extent.size;
    return sum;
}

bool Memory::firmware_in_ram() const {
    return std::any_of(ram.begin(), ram.end(),
                       [&](const RamRange& range) { return range.extent.contains(firmware); });
}

Memory read_memory(const Tree& tree, const Numa& numa, usize processors) {
    Map map = read_map(tree);
    Memory memory;
    memory.state = map.state;
    // What the map claims twice is no RAM to Linux either.
    memory.ram = with_nodes(pages_inside(subtract(map.ram, map.other)), numa.memory);
    memory.left_out = drop_smallest(memory.ram);
    memory.firmware = firmware_region(processors, memory.size());
    memory.staging = staging_area(memory.ram, memory.size(), memory.firmware);
    return memory;
}

} // namespace cloison::describe
