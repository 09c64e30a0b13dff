// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/free_cpus.hpp"

#include <algorithm>
#include <tuple>

namespace cloison {

namespace {

auto place(const PlatformProcessor& p) {
    return std::tuple(p.node, p.package, p.core, p.thread, p.apic_id);
}

} // namespace

FreeCpus::FreeCpus(const Platform& platform) {
    auto processors = platform.processors;
    std::sort(processors.begin(), processors.end(),
              [](const auto& a, const auto& b) { return place(a) < place(b); });
    for (usize i = 0; i < processors.size(); ++i) {
        const PlatformProcessor& processor = processors[i];
        if (i == 0 || !processor.same_core(processors[i - 1]))
            cores_.push_back({i, 0, nobody});
        ++cores_.back().count;
        by_id_.emplace(processor.apic_id, i);
        cpus_.push_back({processor.apic_id, cores_.size() - 1, processor.node, nobody});
        if (nodes_.empty() || nodes_.back() != processor.node)
            nodes_.push_back(processor.node);
    }
}

bool FreeCpus::untouched(const Core& core) const {
    return alone_on(core, nobody) && core.exclusive == nobody;
}

/// Nobody but `party` has a CPU there.
bool FreeCpus::alone_on(const Core& core, Party party) const {
    return std::all_of(cpus_.begin() + static_cast<std::ptrdiff_t>(core.first),
                       cpus_.begin() + static_cast<std::ptrdiff_t>(core.first + core.count),
                       [&](const Cpu& c) { return c.owner == nobody || c.owner == party; });
}

bool FreeCpus::may_have(const Cpu& cpu, Party party, bool exclusive) const {
    const Core& core = cores_[cpu.core];
    bool open = core.exclusive == nobody || core.exclusive == party;
    return cpu.owner == nobody && open && (!exclusive || alone_on(core, party));
}

usize FreeCpus::available(Party party, bool exclusive) const {
    return static_cast<usize>(std::count_if(cpus_.begin(), cpus_.end(), [&](const Cpu& cpu) {
        return may_have(cpu, party, exclusive);
    }));
}

void FreeCpus::give(Cpu& cpu, Party party, bool exclusive) {
    cpu.owner = party;
    if (exclusive)
        cores_[cpu.core].exclusive = party;
}

void FreeCpus::take(u32 apic_id, Party party) {
    give(cpus_[by_id_.at(apic_id)], party, false);
}

void FreeCpus::make_exclusive(Party party) {
    for (const Cpu& cpu : cpus_)
        if (cpu.owner == party)
            cores_[cpu.core].exclusive = party;
}

std::optional<std::pair<FreeCpus::Party, FreeCpus::Party>> FreeCpus::sharing_of_exclusive() const {
    for (const Cpu& cpu : cpus_) {
        Party exclusive = cores_[cpu.core].exclusive;
        if (exclusive != nobody && cpu.owner != nobody && cpu.owner != exclusive)
            return std::pair(exclusive, cpu.owner);
    }
    return std::nullopt;
}

/// The nodes in the order of being asked: where the party is already; then the one that holds
/// `count` most tightly on free cores; then on any; then those with the most free CPUs.
std::vector<u32> FreeCpus::nodes_by_fit(usize count, Party party, bool exclusive) const {
    struct Room {
        usize owned = 0, on_free_cores = 0, all = 0;
    };
    std::map<u32, Room> rooms;
    for (const Cpu& cpu : cpus_) {
        Room& room = rooms[cpu.node];
        room.owned += cpu.owner == party ? 1 : 0;
        room.on_free_cores += untouched(cores_[cpu.core]) ? 1 : 0;
        room.all += may_have(cpu, party, exclusive) ? 1 : 0;
    }
    auto rank = [&](u32 node) {
        const Room& room = rooms.at(node);
        bool on_free_cores = room.on_free_cores >= count, holds = room.all >= count;
        usize tightness = on_free_cores ? room.on_free_cores : holds ? room.all : ~room.all;
        return std::tuple(~room.owned, !on_free_cores, !holds, tightness, node);
    };
    std::vector<u32> nodes = nodes_;
    std::sort(nodes.begin(), nodes.end(), [&](u32 a, u32 b) { return rank(a) < rank(b); });
    return nodes;
}

/// Takes at most `count` CPUs on one node: on the party's own cores, on free cores, on others.
usize FreeCpus::take_on(u32 node, usize count, Party party, bool exclusive,
                        std::vector<u32>& taken) {
    usize before = taken.size();
    auto sweep = [&](auto&& wanted) {
        for (Cpu& cpu : cpus_) {
            if (taken.size() - before == count)
                return;
            if (cpu.node != node || !may_have(cpu, party, exclusive) || !wanted(cores_[cpu.core]))
                continue;
            give(cpu, party, exclusive);
            taken.push_back(cpu.apic_id);
        }
    };
    auto has_own = [&](const Core& core) {
        return alone_on(core, party) && !alone_on(core, nobody);
    };
    sweep(has_own);
    // Taking the first thread of a free core makes it the party's own, so the rest come along.
    sweep([&](const Core& core) { return untouched(core) || has_own(core); });
    sweep([](const Core&) { return true; });
    return taken.size() - before;
}

std::vector<u32> FreeCpus::take_some(usize count, Party party, bool exclusive) {
    std::vector<u32> taken;
    for (u32 node : nodes_by_fit(count, party, exclusive))
        count -= take_on(node, count, party, exclusive, taken);
    return taken;
}

} // namespace cloison
