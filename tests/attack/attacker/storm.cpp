// SPDX-License-Identifier: Apache-2.0
// As many exits, interprocessor interrupts and NMIs as two CPUs can make, for a while: what a
// neighbour could only feel if the firmware shared something between partitions.
#include "tests/attack/attacker/scenarios.hpp"

#include "firmware/x86/instructions.hpp"
#include "tests/guest/apic.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/cpu.hpp"
#include "tests/guest/guest.hpp"
#include "tests/guest/paging.hpp"
#include "tests/guest/probe.hpp"
#include "tests/guest/second_cpu.hpp"

namespace cloison::attack {

using namespace guest;

namespace {

constexpr u32 storm_vector = 0x77;
constexpr u64 storm_ticks = 40'000'000;

u64 storm_end;
volatile u64 rounds[2];

/// One of everything.
void storm_here() {
    auto* hole = reinterpret_cast<volatile u64*>(ram_end());
    u64 turns = 0;
    for (; x86::rdtsc() < storm_end; ++turns) {
        apic.send(0, icr::others | icr::mode(Delivery::nmi) | icr::assert_level);
        apic.send(0, icr::all | icr::mode(Delivery::fixed) | icr::assert_level | storm_vector);
        apic.send(0, icr::self | icr::mode(Delivery::fixed) | icr::assert_level | storm_vector);
        apic.send(0, icr::others | icr::mode(Delivery::startup) | icr::assert_level | 0x42);
        (void)x86::in8(0x70);
        x86::out8(0x80, 0);
        (void)x86::in32(0x608);
        (void)x86::cpuid(1);
        (void)try_rdmsr(0x12345);
        (void)x86::rdmsr(0x1B);
        *hole = *hole + 1;
        asm volatile("wbinvd" : : : "memory");
    }
    rounds[this_cpu().id] = turns;
}

} // namespace

void storm() {
    asm volatile("sti");
    Check check("storm");
    check.expect(second_cpu.start(), "start");
    storm_end = x86::rdtsc() + storm_ticks;
    second_cpu.begin(storm_here);
    storm_here();
    check.expect(second_cpu.idle(), "second-cpu-done");
    asm volatile("cli");
    constexpr u64 least_rounds = 100;
    for (u32 id = 0; id < 2; ++id) {
        check.expect(rounds[id] > least_rounds, "rounds", id, rounds[id]);
        check.expect(cpus[id].counts[vector::nmi] != 0, "nmis", id);
        check.expect(cpus[id].counts[storm_vector] != 0, "interrupts", id);
    }
}

} // namespace cloison::attack
