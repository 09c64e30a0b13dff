// SPDX-License-Identifier: Apache-2.0
// The CPUs of a platform while they are given out, core by core. A party is a partition or a pool.
//
// A party gets whole free cores of one NUMA node where there are some, since two partitions on one
// core share caches, and with them what can be measured of each other. Only when no free core is
// left are the threads taken that others left over.
#pragma once

#include "partitions/platform/platform.hpp"

#include <map>
#include <optional>
#include <vector>

namespace cloison {

class FreeCpus {
  public:
    using Party = usize;
    static constexpr Party nobody = ~Party{0};

    explicit FreeCpus(const Platform& platform);

    /// CPUs that `party` could still be given. What an exclusive one could be given is on cores
    /// where nobody else is.
    [[nodiscard]] usize available(Party party, bool exclusive) const;
    /// Whether there is such a CPU.
    [[nodiscard]] bool exists(u32 apic_id) const { return by_id_.contains(apic_id); }
    [[nodiscard]] Party owner(u32 apic_id) const { return cpus_[by_id_.at(apic_id)].owner; }

    /// Gives a free CPU to `party`.
    void take(u32 apic_id, Party party);
    /// Says that nobody else may have a CPU on the cores where `party` is, now or later.
    void make_exclusive(Party party);
    /// Gives `count` CPUs to `party`, at most available(); returns their APIC IDs, in the order of
    /// nodes and cores.
    std::vector<u32> take_some(usize count, Party party, bool exclusive);

    /// A party on a core that an exclusive one has, or nobody.
    [[nodiscard]] std::optional<std::pair<Party, Party>> sharing_of_exclusive() const;

  private:
    struct Cpu {
        u32 apic_id = 0;
        usize core = 0;
        u32 node = 0;
        Party owner = nobody;
    };
    struct Core {
        usize first = 0, count = 0; // in cpus_
        Party exclusive = nobody;   // who has it alone
    };

    [[nodiscard]] bool may_have(const Cpu& cpu, Party party, bool exclusive) const;
    [[nodiscard]] bool untouched(const Core& core) const;
    [[nodiscard]] bool alone_on(const Core& core, Party party) const;
    [[nodiscard]] std::vector<u32> nodes_by_fit(usize count, Party party, bool exclusive) const;
    void give(Cpu& cpu, Party party, bool exclusive);
    usize take_on(u32 node, usize count, Party party, bool exclusive, std::vector<u32>& taken);

    std::vector<Cpu> cpus_; // by node, package, core, thread
    std::vector<Core> cores_;
    std::map<u32, usize> by_id_;
    std::vector<u32> nodes_; // ascending
};

} // namespace cloison
