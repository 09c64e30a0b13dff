// SPDX-License-Identifier: Apache-2.0
// A machine for core::Partition that only records what it is asked: time stands still until told,
// calls to other CPUs are counted, and the lock notices when it is taken twice.
#pragma once

#include "firmware/core/partition/partition.hpp"

#include <array>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace cloison::core {

struct FakeMachine {
    struct Lock {
        bool held = false;
        void lock() {
            if (held)
                throw std::logic_error("lock taken twice");
            held = true;
        }
        void unlock() { held = false; }
    };

    u64 time = 0;
    std::map<VirtualCpu*, int> kicks, alerts;

    [[nodiscard]] u64 now() const { return time; }
    void kick(VirtualCpu& cpu) { ++kicks[&cpu]; }
    void alert(VirtualCpu& cpu) { ++alerts[&cpu]; }
};
static_assert(Machine<FakeMachine>);

inline constexpr u64 fake_tsc_hz = 50'000'000;

/// A partition with `count` virtual CPUs, all local APICs enabled.
struct FakePartition {
    struct Cpu : VirtualCpu {
        alignas(page_size) std::array<u32, page_size / 4> page{};
    };

    explicit FakePartition(u32 count) : partition(machine, fake_tsc_hz, 0) {
        for (u32 id = 0; id < count; ++id) {
            cpus.push_back(std::make_unique<Cpu>());
            cpus[id]->apic.attach(cpus[id]->page.data(), id, id == 0);
            cpus[id]->apic.write(apic_reg::svr, 0x1FF, 0);
            cpus[id]->msrs.reset();
            partition.add(*cpus[id]);
        }
    }

    Cpu& cpu(u32 id) { return *cpus[id]; }

    /// Takes the CPU's events as the run loop does; the vectors it got, lowest first.
    std::vector<u8> take_interrupts(u32 id) {
        std::vector<u8> vectors;
        cpu(id).events.store(0);
        cpu(id).posted.take([&](u8 vector, bool level) {
            vectors.push_back(vector);
            cpu(id).apic.request(vector, level);
        });
        return vectors;
    }

    FakeMachine machine;
    std::vector<std::unique_ptr<Cpu>> cpus;
    Partition<FakeMachine> partition;
};

} // namespace cloison::core
