// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/processors.hpp"
#include "partitions/plan/free_cpus.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace cloison {

namespace {

using xml::quote;

std::string in_platform(const Platform& platform) {
    return "platform '" + platform.name + "' (" + platform.where.file + ")";
}

/// Who wants CPUs: a pool, or a partition with dedicated ones.
struct Demand {
    Location where;
    std::string name; // in quotation marks
    const std::vector<PinnedCpu>* pinned;
    u32 minimum, desired;
    bool exclusive;
    std::vector<u32>* granted;
};

std::vector<Demand> demands_of(const Layout& layout, Plan& plan) {
    std::vector<Demand> demands;
    for (usize i = 0; i < layout.pools.size(); ++i) {
        const Pool& pool = layout.pools[i];
        demands.push_back({pool.where, "pool " + quote(pool.name), &pool.pinned, pool.desired,
                           pool.desired, false, &plan.pools[i]});
    }
    for (usize i : by_activation(layout)) {
        const LayoutPartition& partition = layout.partitions[i];
        const ProcessorsWanted& wanted = partition.processors();
        if (!partition.shares())
            demands.push_back({wanted.where, quote(partition.name), &wanted.pinned, wanted.minimum,
                               wanted.desired, partition.security.siblings == Siblings::exclusive,
                               &plan.partitions[i].apic_ids});
    }
    return demands;
}

class Planner {
  public:
    Planner(const Platform& platform, std::vector<Demand>& demands, Diagnostics& findings)
        : platform_(platform),
          findings_(findings),
          demands_(demands),
          free_(platform) {}

    /// Gives everybody all that is desired. False when the machine has not so much; then nobody has
    /// anything, and nothing was reported.
    bool run_generously() {
        Diagnostics unheard;
        std::vector<Demand> wishes = demands_;
        for (Demand& wish : wishes)
            wish.minimum = wish.desired;
        Planner(platform_, wishes, unheard).run();
        if (unheard.errors() != 0)
            for (Demand& wish : wishes)
                wish.granted->clear();
        return unheard.errors() == 0;
    }

    void run() {
        take_pinned();
        // Those that want cores for themselves choose first: the others do with what is left.
        for (bool exclusive : {true, false})
            for (usize i = 0; i < demands_.size(); ++i)
                if (demands_[i].exclusive == exclusive && demands_[i].pinned->empty())
                    take_minimum(i);
        for (usize i = 0; i < demands_.size(); ++i)
            if (demands_[i].pinned->empty() && !demands_[i].granted->empty())
                take_rest(i);
    }

  private:
    void take_pinned() {
        std::map<u32, int> lines;
        for (usize i = 0; i < demands_.size(); ++i) {
            for (const PinnedCpu& cpu : *demands_[i].pinned)
                take_one(i, cpu, lines);
            if (demands_[i].exclusive)
                free_.make_exclusive(i);
        }
        if (auto clash = free_.sharing_of_exclusive())
            findings_.error(demands_[clash->first].where, "siblings-split",
                            demands_[clash->first].name + " wants its cores for itself, but " +
                                demands_[clash->second].name + " has a CPU on one of them",
                            "name CPUs on different cores");
    }

    void take_one(usize i, const PinnedCpu& cpu, std::map<u32, int>& lines) {
        if (!free_.exists(cpu.apic_id)) {
            findings_.error(cpu.where, "cpu-unknown",
                            in_platform(platform_) + " has no CPU with APIC ID " +
                                std::to_string(cpu.apic_id));
            return;
        }
        if (auto owner = free_.owner(cpu.apic_id); owner != FreeCpus::nobody) {
            findings_.error(cpu.where, "cpu-double-use",
                            "CPU " + std::to_string(cpu.apic_id) + " is given twice, first to " +
                                demands_[owner].name + " in line " +
                                std::to_string(lines[cpu.apic_id]),
                            "a dedicated CPU belongs to one virtual CPU");
            return;
        }
        lines.emplace(cpu.apic_id, cpu.where.line);
        free_.take(cpu.apic_id, i);
        demands_[i].granted->push_back(cpu.apic_id);
    }

    void take_minimum(usize i) {
        const Demand& demand = demands_[i];
        usize left = free_.available(i, demand.exclusive);
        if (demand.minimum > left) {
            findings_.error(demand.where, "cpu-shortage",
                            demand.name + " wants " + std::to_string(demand.minimum) + " CPUs" +
                                (demand.exclusive ? " on cores of its own, " : ", ") +
                                std::to_string(left) + " of " +
                                std::to_string(platform_.processors.size()) + " are left on " +
                                in_platform(platform_),
                            "ask for fewer CPUs, here or in another partition");
            return;
        }
        grant(i, demand.minimum);
    }

    void take_rest(usize i) {
        const Demand& demand = demands_[i];
        usize more = demand.desired - demand.granted->size();
        usize left = std::min(more, free_.available(i, demand.exclusive));
        grant(i, left);
        if (left < more)
            findings_.warning(demand.where, "below-desired",
                              demand.name + " gets " + std::to_string(demand.granted->size()) +
                                  " of the " + std::to_string(demand.desired) +
                                  " CPUs that it desires",
                              "that is enough to run; for more, ask for fewer elsewhere");
    }

    void grant(usize i, usize count) {
        std::vector<u32>& granted = *demands_[i].granted;
        for (u32 apic_id : free_.take_some(count, i, demands_[i].exclusive))
            granted.push_back(apic_id);
        std::sort(granted.begin(), granted.end());
    }

    const Platform& platform_;
    Diagnostics& findings_;
    std::vector<Demand>& demands_;
    FreeCpus free_;
};

} // namespace

std::vector<usize> by_activation(const Layout& layout) {
    std::vector<usize> order(layout.partitions.size());
    std::iota(order.begin(), order.end(), usize{0});
    std::stable_sort(order.begin(), order.end(), [&](usize a, usize b) {
        return layout.partitions[a].activation < layout.partitions[b].activation;
    });
    return order;
}

void plan_processors(const Layout& layout, const Platform& platform, Plan& plan,
                     Diagnostics& findings) {
    plan.pools.resize(layout.pools.size());
    std::vector<Demand> demands = demands_of(layout, plan);
    Planner planner(platform, demands, findings);
    if (!planner.run_generously())
        planner.run();
}

} // namespace cloison
