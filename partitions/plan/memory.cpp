// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/memory.hpp"
#include "firmware/abi/guest_map.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison {

namespace {

/// Real mode is where processors start up and where the BIOS keeps its data: nobody gets it.
constexpr Extent real_mode{0, 1 * mib};

/// `range` without `hole`: none, one or two ranges.
void append_without(std::vector<Extent>& out, const Extent& range, const Extent& hole) {
    if (!range.overlaps(hole)) {
        out.push_back(range);
        return;
    }
    if (hole.base > range.base)
        out.push_back({range.base, hole.base - range.base});
    if (hole.end() < range.end())
        out.push_back({hole.end(), range.end() - hole.end()});
}

std::vector<Extent> without(const std::vector<Extent>& ranges, const Extent& hole) {
    std::vector<Extent> left;
    for (const Extent& range : ranges)
        append_without(left, range, hole);
    return left;
}

u64 sum(const std::vector<Extent>& ranges) {
    u64 total = 0;
    for (const Extent& range : ranges)
        total += range.size;
    return total;
}

/// A stretch of guest memory that one partition needs.
struct Request {
    usize partition = 0;
    Extent guest;
};

/// What the layout asks for as far as the memory goes, largest first; reports who goes without.
std::vector<Request> make_requests(const Layout& layout, u64 free, Diagnostics& findings) {
    std::vector<Request> requests;
    u64 left = free;
    for (usize i = 0; i < layout.partitions.size(); ++i) {
        const MemoryWanted& memory = layout.partitions[i].memory;
        if (memory.desired > left) {
            findings.error(memory.where, "memory-shortage",
                           xml::quote(layout.partitions[i].name) + " wants " +
                               xml::format_size(memory.desired) + ", " + xml::format_size(left) +
                               " are left of the " + xml::format_size(free) +
                               " that the platform has for partitions",
                           "ask for less memory, here or in another partition");
            continue;
        }
        left -= memory.desired;
        u64 low = std::min(round_down(memory.desired, large_page_size), guest_map::low_ram_limit);
        u64 high = round_down(memory.desired, large_page_size) - low;
        if (low != 0)
            requests.push_back({i, {0, low}});
        if (high != 0)
            requests.push_back({i, {guest_map::high_ram_base, high}});
    }
    std::stable_sort(requests.begin(), requests.end(), [](const Request& a, const Request& b) {
        return a.guest.size > b.guest.size;
    });
    return requests;
}

std::vector<Extent> take(FreeMemory& free, u64 size, bool large_pages_1g) {
    if (large_pages_1g && size >= gib) {
        if (auto base = free.take_one(size, gib))
            return {{*base, size}};
    }
    if (auto base = free.take_one(size, large_page_size))
        return {{*base, size}};
    return free.take_pieces(size);
}

void check_block_count(const Layout& layout, const Plan& plan, Diagnostics& findings) {
    usize blocks = 0;
    for (const PlannedPartition& partition : plan.partitions)
        blocks += partition.memory.size();
    if (blocks > abi::max_memory_blocks)
        findings.error(layout.where, "memory-blocks",
                       "the platform's memory is in so many ranges that the partitions would get "
                       "more than " +
                           std::to_string(abi::max_memory_blocks) + " blocks");
}

} // namespace

FreeMemory::FreeMemory(const std::vector<Extent>& ram, const std::vector<Extent>& taken) {
    std::vector<Extent> left = ram;
    for (const Extent& hole : taken)
        left = without(left, hole);
    for (const Extent& range : left) {
        u64 base = round_up(range.base, large_page_size);
        u64 end = round_down(range.end(), large_page_size);
        if (base < end)
            ranges_.push_back({base, end - base});
    }
}

u64 FreeMemory::size() const {
    return sum(ranges_);
}

std::optional<u64> FreeMemory::take_one(u64 size, u64 alignment) {
    const Extent* best = nullptr;
    for (const Extent& range : ranges_) {
        Extent place{round_up(range.base, alignment), size};
        if (range.contains(place) && (best == nullptr || range.size < best->size))
            best = &range;
    }
    if (best == nullptr)
        return std::nullopt;
    u64 base = round_up(best->base, alignment);
    ranges_ = without(ranges_, {base, size});
    return base;
}

std::vector<Extent> FreeMemory::take_pieces(u64 size) {
    std::vector<Extent> pieces;
    while (size != 0) {
        auto largest =
            std::max_element(ranges_.begin(), ranges_.end(),
                             [](const Extent& a, const Extent& b) { return a.size < b.size; });
        if (largest->size > size) { // the rest fits in one: the smallest that holds it
            pieces.push_back({take_one(size, large_page_size).value(), size});
            break;
        }
        pieces.push_back(*largest);
        size -= largest->size;
        ranges_.erase(largest);
    }
    return pieces;
}

void plan_memory(const Layout& layout, const Platform& platform, Plan& plan,
                 Diagnostics& findings) {
    FreeMemory free(plan.ram, {real_mode, plan.firmware, plan.staging});
    MemoryBudget& budget = plan.budget;
    budget.ram = sum(plan.ram);
    budget.firmware = plan.firmware.size;
    budget.staging = plan.staging.size;
    budget.low = budget.ram - sum(without(plan.ram, real_mode));
    budget.fragments = budget.ram - budget.firmware - budget.staging - budget.low - free.size();
    for (const Request& request : make_requests(layout, free.size(), findings)) {
        u64 guest = request.guest.base;
        for (const Extent& host : take(free, request.guest.size, platform.large_pages_1g)) {
            plan.partitions[request.partition].memory.push_back({guest, host.base, host.size});
            guest += host.size;
        }
        budget.given += request.guest.size;
    }
    budget.free = free.size();
    for (PlannedPartition& partition : plan.partitions)
        std::sort(partition.memory.begin(), partition.memory.end(),
                  [](const PlannedMemory& a, const PlannedMemory& b) { return a.guest < b.guest; });
    check_block_count(layout, plan, findings);
}

} // namespace cloison
