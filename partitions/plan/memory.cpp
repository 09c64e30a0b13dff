// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/memory.hpp"
#include "firmware/abi/guest_map.hpp"
#include "partitions/plan/home_nodes.hpp"
#include "partitions/plan/identity.hpp"
#include "partitions/plan/node_memory.hpp"
#include "partitions/plan/processors.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>
#include <set>

namespace cloison {

namespace {

using xml::format_size;
using xml::quote;

/// Real mode is where processors start up and where the BIOS keeps its data: nobody gets it.
constexpr Extent real_mode{0, 1 * mib};

u64 sum(const std::vector<Extent>& ranges) {
    u64 total = 0;
    for (const Extent& range : ranges)
        total += range.size;
    return total;
}

/// A stretch of guest memory that one partition needs.
struct Request {
    usize partition = 0;
    u64 guest = 0;
    u64 size = 0;
};

class Planner {
  public:
    Planner(const Layout& layout, const Platform& platform, Plan& plan, Diagnostics& findings)
        : layout_(layout),
          platform_(platform),
          plan_(plan),
          findings_(findings),
          homes_(platform, plan),
          free_(platform, {real_mode, plan.firmware, plan.staging}),
          granted_(layout.partitions.size()) {}

    void run() {
        account();
        take_pinned();
        grant_sizes();
        place_identity();
        for (const Request& request : requests())
            place(request);
        for (usize i : failed_)
            plan_.partitions[i].memory.clear();
        plan_.budget.free = free_.size();
        for (PlannedPartition& partition : plan_.partitions)
            std::sort(
                partition.memory.begin(), partition.memory.end(),
                [](const PlannedMemory& a, const PlannedMemory& b) { return a.guest < b.guest; });
        homes_.advise(layout_, free_, findings_);
    }

  private:
    [[nodiscard]] const MemoryWanted& wanted(usize i) const {
        return layout_.partitions[i].memory();
    }

    void account() {
        MemoryBudget& budget = plan_.budget;
        budget.ram = sum(plan_.ram);
        budget.firmware = plan_.firmware.size;
        budget.staging = plan_.staging.size;
        budget.low = budget.ram - sum(without(plan_.ram, real_mode));
        budget.fragments =
            budget.ram - budget.firmware - budget.staging - budget.low - free_.size();
    }

    /// Memory at `guest` is the partition's.
    void give(usize partition, u64 guest, const Extent& host) {
        plan_.partitions[partition].memory.push_back({guest, host.base, host.size});
        plan_.budget.given += host.size;
    }

    /// Appends host memory at the partition's next guest addresses, which leave out the devices'.
    void append(usize partition, u64& offset, Extent host) {
        while (!host.empty()) {
            bool low = offset < guest_map::low_ram_limit;
            u64 room = low ? guest_map::low_ram_limit - offset : host.size;
            u64 size = std::min(room, host.size);
            u64 guest =
                low ? offset : guest_map::high_ram_base + (offset - guest_map::low_ram_limit);
            give(partition, guest, {host.base, size});
            offset += size;
            host = {host.base + size, host.size - size};
        }
    }

    void take_pinned() {
        for (usize i = 0; i < layout_.partitions.size(); ++i) {
            const LayoutPartition& partition = layout_.partitions[i];
            bool identity = needs_identity(partition, platform_);
            u64 offset = 0;
            for (const PinnedMemory& pinned : wanted(i).pinned) {
                if (pinned.extent.empty())
                    continue; // has been reported
                if (!free_.take_at(pinned.extent))
                    refuse_pinned(pinned);
                else if (!identity)
                    append(i, offset, pinned.extent);
            }
            if (!identity || wanted(i).pinned.empty())
                continue;
            plan_.partitions[i].identity_mapped = true;
            for (const PlannedMemory& block : pin_identity(partition, platform_, findings_))
                give(i, block.guest, {block.host, block.size});
        }
    }

    void refuse_pinned(const PinnedMemory& pinned) {
        auto contains = [&](const Extent& range) { return range.contains(pinned.extent); };
        if (std::none_of(plan_.ram.begin(), plan_.ram.end(), contains))
            findings_.error(pinned.where, "memory-outside-ram",
                            "the platform has no RAM at all of these addresses",
                            "compare base and size with the platform's <ram/> elements");
        else
            findings_.error(pinned.where, "memory-double-use",
                            "some of this memory is another partition's, the firmware's, the "
                            "staging area's or below 1 MiB",
                            "'cloison show' prints what is where");
    }

    /// Everyone the minimum, then in the same order what is desired beyond it.
    void grant_sizes() {
        u64 all = free_.size(), left = all;
        auto order = by_activation(layout_);
        for (usize i : order) {
            const MemoryWanted& memory = wanted(i);
            if (!memory.pinned.empty())
                continue;
            u64 minimum = round_up(memory.minimum, memory.page_size);
            if (minimum > left) {
                findings_.error(memory.where, "memory-shortage",
                                quote(layout_.partitions[i].name) + " wants " +
                                    format_size(minimum) + ", " + format_size(left) +
                                    " are left of the " + format_size(all) +
                                    " that the platform has for partitions",
                                "ask for less memory, here or in another partition");
                continue;
            }
            granted_[i] = minimum;
            left -= minimum;
        }
        for (usize i : order) {
            const MemoryWanted& memory = wanted(i);
            if (granted_[i] == 0 || granted_[i] >= memory.desired)
                continue;
            u64 more = std::min(memory.desired - granted_[i], round_down(left, memory.page_size));
            granted_[i] += more;
            left -= more;
            if (granted_[i] < memory.desired)
                findings_.warning(memory.where, "below-desired",
                                  quote(layout_.partitions[i].name) + " gets " +
                                      format_size(granted_[i]) + " of the " +
                                      format_size(memory.desired) + " that it desires",
                                  "that is enough to run; for more, ask for less elsewhere");
        }
    }

    void place_identity() {
        for (usize i = 0; i < layout_.partitions.size(); ++i) {
            const LayoutPartition& partition = layout_.partitions[i];
            if (granted_[i] == 0 || !needs_identity(partition, platform_))
                continue;
            if (wanted(i).page_size != large_page_size)
                findings_.error(wanted(i).where, "page-size",
                                "memory at the machine's own addresses is in pages of 2 MiB",
                                "leave page-size out");
            PlannedPartition& planned = plan_.partitions[i];
            planned.identity_mapped = true;
            planned.memory =
                take_identity(partition, platform_, granted_[i], homes_.home(i), free_, findings_);
            plan_.budget.given += planned.memory_size();
            if (planned.memory.empty())
                failed_.insert(i);
        }
    }

    /// What is still to be placed. Whole 1 GiB pages first, since they fit fewest places; then the
    /// largest.
    [[nodiscard]] std::vector<Request> requests() const {
        std::vector<Request> requests;
        for (usize i = 0; i < granted_.size(); ++i) {
            if (plan_.partitions[i].identity_mapped)
                continue;
            u64 low = std::min(round_down(granted_[i], large_page_size), guest_map::low_ram_limit);
            u64 high = round_down(granted_[i], large_page_size) - low;
            if (low != 0)
                requests.push_back({i, 0, low});
            if (high != 0)
                requests.push_back({i, guest_map::high_ram_base, high});
        }
        auto rank = [&](const Request& request) {
            return std::pair(wanted(request.partition).page_size, request.size);
        };
        std::stable_sort(requests.begin(), requests.end(),
                         [&](const Request& a, const Request& b) { return rank(a) > rank(b); });
        return requests;
    }

    void place(const Request& request) {
        u64 page = wanted(request.partition).page_size;
        u64 alignment = platform_.large_pages_1g && request.size >= gib ? gib : large_page_size;
        u64 guest = request.guest;
        auto blocks = free_.take(request.size, homes_.home(request.partition), page, alignment,
                                 NodeMemory::anywhere);
        if (blocks.empty() && failed_.insert(request.partition).second)
            findings_.error(wanted(request.partition).where, "memory-fragmentation",
                            "there are not enough free pages of 1 GiB for " +
                                quote(layout_.partitions[request.partition].name),
                            "leave page-size out, or ask for less memory");
        for (const Extent& host : blocks) {
            give(request.partition, guest, host);
            guest += host.size;
        }
    }

    const Layout& layout_;
    const Platform& platform_;
    Plan& plan_;
    Diagnostics& findings_;
    HomeNodes homes_;
    NodeMemory free_;
    std::vector<u64> granted_; // bytes, by partition; pinned ones are not in it
    std::set<usize> failed_;   // partitions whose memory could not be placed, which was said
};

} // namespace

void plan_memory(const Layout& layout, const Platform& platform, Plan& plan,
                 Diagnostics& findings) {
    Planner(layout, platform, plan, findings).run();
    usize blocks = 0;
    for (const PlannedPartition& partition : plan.partitions)
        blocks += partition.memory.size();
    if (blocks > abi::max_memory_blocks)
        findings.error(layout.where, "memory-blocks",
                       "the platform's memory is in so many ranges that the partitions would get "
                       "more than " +
                           std::to_string(abi::max_memory_blocks) + " blocks");
}

} // namespace cloison
