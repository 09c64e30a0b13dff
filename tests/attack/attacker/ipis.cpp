// SPDX-License-Identifier: Apache-2.0
// Interprocessor interrupts of every delivery mode to every destination, by number, by logical
// address and by shorthand: they reach the partition's own two CPUs when those are meant, and
// nobody else ever. What a neighbour gets, the witness counts; here own CPUs are counted.
#include "tests/attack/attacker/scenarios.hpp"

#include "firmware/x86/instructions.hpp"
#include "tests/guest/apic.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/cpu.hpp"
#include "tests/guest/guest.hpp"
#include "tests/guest/second_cpu.hpp"

namespace cloison::attack {

using namespace guest;

namespace {

constexpr u32 test_vector = 0x42;
constexpr u64 patience = 3'000'000; // ticks for an interrupt to arrive
constexpr u64 settling = 30'000;    // ticks in which one that should not come would

/// How often each of the two CPUs was interrupted by `number`.
struct Counts {
    u32 boot, second;
    bool operator==(const Counts&) const = default;
};

Counts counts_of(u32 number) {
    return {cpus[0].counts[number], cpus[1].counts[number]};
}

/// Which of the two CPUs a destination means.
struct Addressed {
    bool boot, second;
    [[nodiscard]] bool any() const { return boot || second; }
};

/// An 8-bit destination, as the xAPIC matches it (SDM vol. 3A, 11.6.2.2, flat model): logical IDs
/// are 1 and 2.
Addressed addressed_by(u32 destination, bool logical) {
    if (destination == 0xFF)
        return {true, true};
    if (logical)
        return {(destination & 1) != 0, (destination & 2) != 0};
    return {destination == 0, destination == 1};
}

/// A 32-bit destination; x2APIC logical IDs are 1 and 2 in cluster 0 (11.12.10.2).
Addressed addressed_by_x2apic(u32 destination, bool logical) {
    if (destination == ~u32{0})
        return {true, true};
    if (logical)
        return {destination >> 16 == 0 && (destination & 1) != 0,
                destination >> 16 == 0 && (destination & 2) != 0};
    return {destination == 0, destination == 1};
}

/// Sends and observes; `expected` is who may get it by the destination alone.
void send_and_count(Check& check, Delivery mode, u32 destination, u32 command, Addressed expected) {
    bool counted =
        mode == Delivery::fixed || mode == Delivery::lowest_priority || mode == Delivery::nmi;
    u32 number = mode == Delivery::nmi ? vector::nmi : test_vector;
    Counts before = counts_of(number);
    u32 starts = second_cpu.starts();
    apic.send(destination, command | icr::mode(mode) | icr::assert_level | test_vector);
    auto arrived = [&] {
        Counts now = counts_of(number);
        if (mode == Delivery::lowest_priority)
            return (now.boot - before.boot) + (now.second - before.second) ==
                   (expected.any() ? 1 : 0);
        return now == Counts{before.boot + (counted && expected.boot),
                             before.second + (counted && expected.second)};
    };
    for (u64 begin = x86::rdtsc(); !arrived() && x86::rdtsc() - begin < patience;)
        x86::pause();
    if (!expected.any() || !counted)
        wait_ticks(settling / 8);
    check.expect(arrived(), "count", u64{destination} << 32 | command,
                 cpus[0].counts[number] - before.boot);
    check.expect_equal(second_cpu.starts(), starts, "second-cpu-restarted", destination);
}

/// Destinations in x2APIC mode: own, neighbours', broadcasts of the old format, clusters, and far
/// away.
constexpr u32 wide_destinations[] = {
    0,       1,       2,       3,          4,          5,          7,          8,
    0xF,     0x10,    0xFE,    0xFF,       0x100,      0xFFFF,     0x10000,    0x10001,
    0x1FFFF, 0x20003, 0xF0001, 0x80000000, 0xFFFF0001, 0xFFFFFF00, 0xFFFFFFFE, 0xFFFFFFFF};

/// INIT is tried elsewhere: it takes the second CPU away.
void check_mode(const char* name, Delivery mode) {
    Check check(name);
    for (bool logical : {false, true}) {
        u32 command = logical ? icr::logical : 0;
        if (apic.x2apic()) {
            for (u32 destination : wide_destinations)
                send_and_count(check, mode, destination, command,
                               addressed_by_x2apic(destination, logical));
        } else {
            for (u32 destination = 0; destination < 0x100; ++destination)
                send_and_count(check, mode, destination, command,
                               addressed_by(destination, logical));
        }
    }
    for (u32 neighbour : {0u, 2u, 0xFFu}) { // which the shorthands ignore
        send_and_count(check, mode, neighbour, icr::others, {false, true});
        if (mode == Delivery::fixed) {
            send_and_count(check, mode, neighbour, icr::self, {true, false});
            send_and_count(check, mode, neighbour, icr::all, {true, true});
        } else { // not valid (SDM vol. 3A, table 11-3): whatever it does, it does to this partition
            apic.send(neighbour, icr::self | icr::mode(mode) | test_vector);
            apic.send(neighbour, icr::all | icr::mode(mode) | test_vector);
            wait_ticks(settling);
        }
    }
    send_and_count(check, mode, 2, icr::level_trigger, {false, false});
    wait_ticks(settling);
    check.expect(second_cpu.alive(), "second-cpu-alive");
}

/// In x2APIC mode it is derived from the APIC ID.
void set_logical_id() {
    if (apic.x2apic())
        return;
    constexpr u32 flat = 0xFFFFFFFF;
    apic.write(apic_reg::dfr, flat);
    apic.write(apic_reg::ldr, (1u << apic.id()) << 24);
}

/// INIT to everybody but the boot CPU: the second CPU waits for a SIPI, nothing else happens.
void check_init(const char* name) {
    Check check(name);
    auto init = [&](u32 destination, u32 command, bool hits_second) {
        apic.send(destination, command | icr::mode(Delivery::init) | icr::assert_level);
        wait_ticks(settling / 2);
        bool alive = second_cpu.alive(hits_second ? 20'000 : patience);
        check.expect(alive != hits_second, hits_second ? "survived" : "died",
                     u64{destination} << 32 | command);
        if (!alive)
            check.expect(second_cpu.start_after_init() && second_cpu.run(set_logical_id), "restart",
                         destination);
    };
    auto try_all = [&](u32 destination, bool logical, Addressed expected) {
        if (!expected.boot)
            init(destination, logical ? icr::logical : 0, expected.second);
    };
    for (bool logical : {false, true}) {
        if (apic.x2apic()) {
            for (u32 destination : wide_destinations)
                try_all(destination, logical, addressed_by_x2apic(destination, logical));
        } else {
            for (u32 destination = 0; destination < 0x100; ++destination)
                try_all(destination, logical, addressed_by(destination, logical));
        }
    }
    init(2, icr::others, true);
    init(2, icr::level_trigger, false);
    // INIT level de-assert does nothing on CPUs of this century (11.6.1).
    apic.send(1, icr::mode(Delivery::init) | icr::level_trigger);
    check.expect(second_cpu.alive(), "de-assert");
}

/// The interrupt command register written in ways that nobody uses: the whole register at once,
/// bytes, by string instructions, by read-modify-write.
void check_odd_writes() {
    Check check("ipis-odd-writes");
    auto* low = reinterpret_cast<volatile u32*>(Apic::base + u64{apic_reg::icr} * 16);
    auto* high = reinterpret_cast<volatile u32*>(Apic::base + u64{apic_reg::icr_high} * 16);
    *high = 3u << 24;
    u32 nmi = icr::mode(Delivery::nmi) | icr::assert_level;
    *reinterpret_cast<volatile u8*>(low) = test_vector;
    *reinterpret_cast<volatile u16*>(low) = static_cast<u16>(nmi);
    *reinterpret_cast<volatile u64*>(low) = nmi;
    *reinterpret_cast<volatile u8*>(Apic::base + u64{apic_reg::icr} * 16 + 1) = 0x44;
    asm volatile("xchgl %0, %1" : "+r"(nmi), "+m"(*low) : : "memory");
    asm volatile("lock addl $0, %0" : "+m"(*low) : : "cc", "memory");
    asm volatile("orl $0x4000, %0" : "+m"(*low) : : "cc", "memory");
    volatile u32* to = low;
    u64 count = 4;
    asm volatile("rep stosl" : "+D"(to), "+c"(count) : "a"(icr::mode(Delivery::nmi)) : "memory");
    for (u32 offset = 0; offset < 0x10; ++offset)
        *reinterpret_cast<volatile u8*>(Apic::base + 0xFF0 + offset) = 0xFF;
    wait_ticks(settling);
    check.expect(second_cpu.alive(), "second-cpu-alive");
}

volatile bool interrupting;

/// What arrives while interrupts are masked waits, although other CPUs go on sending.
void check_masked(const char* name) {
    constexpr u32 own_vector = 0x52, turns = 500, spins = 60;
    Check check(name);
    interrupting = true;
    second_cpu.begin([] {
        while (interrupting) {
            apic.send(0, icr::mode(Delivery::fixed) | icr::assert_level | test_vector);
            wait_ticks(3'000); // or the other gets to nothing else
        }
    });
    auto taken = [] { return cpus[0].counts[test_vector] + cpus[0].counts[own_vector]; };
    u32 first = taken();
    for (u32 turn = 0; turn < turns; ++turn) {
        asm volatile("cli" : : : "memory");
        u32 before = taken();
        apic.send(0, icr::self | icr::mode(Delivery::fixed) | icr::assert_level | own_vector);
        for (u32 i = 0; i < spins; ++i)
            x86::pause();
        check.expect_equal(taken(), before, "taken-while-masked", turn);
        asm volatile("sti; nop" : : : "memory");
    }
    interrupting = false;
    check.expect(second_cpu.idle(), "second-cpu-idle");
    wait_ticks(settling);
    check.expect(taken() - first > turns, "arrived", 0, taken() - first);
}

void enter_x2apic() {
    apic.enter_x2apic();
}

void check_all_modes(bool wide) {
    check_mode(wide ? "ipis-x2apic-fixed" : "ipis-fixed", Delivery::fixed);
    check_mode(wide ? "ipis-x2apic-lowest-priority" : "ipis-lowest-priority",
               Delivery::lowest_priority);
    check_mode(wide ? "ipis-x2apic-smi" : "ipis-smi", Delivery::smi);
    check_mode(wide ? "ipis-x2apic-reserved" : "ipis-reserved", static_cast<Delivery>(3));
    check_mode(wide ? "ipis-x2apic-nmi" : "ipis-nmi", Delivery::nmi);
    check_mode(wide ? "ipis-x2apic-startup" : "ipis-startup", Delivery::startup);
    check_mode(wide ? "ipis-x2apic-external" : "ipis-external", Delivery::external);
    check_masked(wide ? "ipis-x2apic-masked" : "ipis-masked");
    check_init(wide ? "ipis-x2apic-init" : "ipis-init");
}

} // namespace

void attack_ipis() {
    asm volatile("sti");
    {
        Check check("ipis-second-cpu");
        check.expect(second_cpu.start(), "start");
        set_logical_id();
        check.expect(second_cpu.run(set_logical_id), "logical-id");
    }
    check_odd_writes();
    check_all_modes(false);
    {
        Check check("ipis-x2apic");
        check.expect(second_cpu.run(enter_x2apic), "second");
        enter_x2apic();
        check.expect_equal(apic.logical_id(), 1, "logical-id");
    }
    check_all_modes(true);
    asm volatile("cli");
}

} // namespace cloison::attack
