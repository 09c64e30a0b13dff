// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/kvm/statistics.hpp"

#include "ioserver/linux/error.hpp"

#include "tests/bench/kvm/kvm_api.hpp"
#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace cloison::bench {

Statistics::Statistics(io::Descriptor file) : file_(std::move(file)) {
    kvm_stats_header header{};
    read_at(&header, sizeof header, 0);
    for (u32 i = 0; i < header.num_desc; ++i) {
        u64 at = header.desc_offset + i * u64{sizeof(kvm_stats_desc) + header.name_size};
        kvm_stats_desc description{};
        read_at(&description, sizeof description, at);
        bool counter = (description.flags & KVM_STATS_TYPE_MASK) == KVM_STATS_TYPE_CUMULATIVE;
        if (!counter || description.size != 1)
            continue;
        std::string name(header.name_size, '\0');
        read_at(name.data(), name.size(), at + sizeof description);
        name.resize(name.find('\0'));
        std::replace(name.begin(), name.end(), '_', '-');
        places_.push_back({name, u64{header.data_offset} + description.offset});
    }
}

void Statistics::read_at(void* to, usize size, u64 offset) const {
    ssize_t got = pread(file_.get(), to, size, static_cast<off_t>(offset));
    if (got != static_cast<ssize_t>(size))
        throw io::system_error("KVM's statistics cannot be read", errno);
}

std::vector<Statistics::Counter> Statistics::read() const {
    std::vector<Counter> counters;
    for (const Place& place : places_) {
        u64 value = 0;
        read_at(&value, sizeof value, place.offset);
        counters.push_back({place.name, value});
    }
    return counters;
}

} // namespace cloison::bench
