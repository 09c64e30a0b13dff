// SPDX-License-Identifier: Apache-2.0
// KVM's counters of a virtual CPU, by name (Documentation/virt/kvm/api.rst, KVM_GET_STATS_FD).
#pragma once

#include "ioserver/linux/descriptor.hpp"

#include <string>
#include <vector>

namespace cloison::bench {

class Statistics {
  public:
    /// Throws ServerError.
    explicit Statistics(io::Descriptor file);

    struct Counter {
        std::string name; // KVM's, with '-' for '_'
        u64 value;
    };
    /// What is counted up from 0, as it is now, always in the same order.
    [[nodiscard]] std::vector<Counter> read() const;

  private:
    struct Place {
        std::string name;
        u64 offset;
    };

    void read_at(void* to, usize size, u64 offset) const;

    io::Descriptor file_;
    std::vector<Place> places_;
};

} // namespace cloison::bench
