// SPDX-License-Identifier: Apache-2.0
// The NUMA node at which each partition is at home: that of most of its CPUs.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/node_memory.hpp"
#include "partitions/plan/plan.hpp"

#include <map>

namespace cloison {

class HomeNodes {
  public:
    /// `plan` has the partitions' CPUs.
    HomeNodes(const Platform& platform, const Plan& plan);

    [[nodiscard]] u32 home(usize partition) const;
    /// Warns of partitions whose CPUs or memory are on several nodes.
    void advise(const Layout& layout, const NodeMemory& memory, Diagnostics& findings) const;

  private:
    [[nodiscard]] std::map<u32, usize> cpus_by_node(usize partition) const;

    const Platform& platform_;
    const Plan& plan_;
    std::map<u32, u32> node_of_cpu_; // by APIC ID
};

} // namespace cloison
