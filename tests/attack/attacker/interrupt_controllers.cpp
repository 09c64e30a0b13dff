// SPDX-License-Identifier: Apache-2.0
// The interrupt controllers as ways to a neighbour: I/O APIC entries with every delivery mode and
// other CPUs' numbers, 8259s, local vector table entries, and registers that are not there.
#include "tests/attack/attacker/scenarios.hpp"

#include "firmware/abi/guest_map.hpp"
#include "firmware/x86/instructions.hpp"
#include "tests/guest/apic.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/cpu.hpp"
#include "tests/guest/guest.hpp"
#include "tests/guest/second_cpu.hpp"

namespace cloison::attack {

using namespace guest;

namespace {

constexpr u32 test_vector = 0x51, pic_vector = 0x60;
constexpr u64 some_periods = 400'000; // ticks: several of the interval timer's
constexpr u32 masked = 1 << 16;

void write_ioapic(u32 reg, u32 value) {
    *reinterpret_cast<volatile u32*>(guest_map::ioapic) = reg;
    *reinterpret_cast<volatile u32*>(guest_map::ioapic + 0x10) = value;
}

void set_redirection(u32 pin, u32 destination, u32 low) {
    write_ioapic(0x10 + 2 * pin, masked);
    write_ioapic(0x11 + 2 * pin, destination << 24);
    write_ioapic(0x10 + 2 * pin, low);
}

/// 8254 channel 0 as a rate generator of about 1 kHz.
void start_interval_timer() {
    constexpr u16 divisor = 1193;
    x86::out8(guest_map::pit + 3, 0x34);
    x86::out8(guest_map::pit, divisor & 0xFF);
    x86::out8(guest_map::pit, divisor >> 8);
}

/// Counts what comes of the interval timer's pin sent to `destination`.
void check_redirection(Check& check, Delivery mode, u32 destination) {
    bool interrupt = mode == Delivery::fixed || mode == Delivery::lowest_priority;
    u32 number = mode == Delivery::nmi ? vector::nmi : test_vector;
    bool counted = interrupt || mode == Delivery::nmi;
    bool own = destination <= 1 || destination == 0xFF;
    u32 before = cpus[0].counts[number] + cpus[1].counts[number];
    set_redirection(guest_map::gsi_pit, destination, icr::mode(mode) | test_vector);
    wait_ticks(some_periods);
    set_redirection(guest_map::gsi_pit, 0, masked);
    wait_ticks(some_periods / 8);
    u32 got = cpus[0].counts[number] + cpus[1].counts[number] - before;
    check.expect((got != 0) == (counted && own), "count",
                 u64{destination} << 32 | static_cast<u32>(mode), got);
}

void check_ioapic() {
    Check check("ioapic-destinations");
    start_interval_timer();
    for (Delivery mode : {Delivery::fixed, Delivery::lowest_priority, Delivery::smi, Delivery::nmi,
                          Delivery::startup, Delivery::external})
        for (u32 destination : {0u, 1u, 2u, 3u, 4u, 0xFEu, 0xFFu})
            check_redirection(check, mode, destination);
    for (u32 destination : {2u, 3u, 4u}) // INIT to CPUs that would be a neighbour's
        check_redirection(check, Delivery::init, destination);
    check.expect(second_cpu.alive(), "second-cpu-alive");
}

/// Every register there is and is not, all bits.
void check_ioapic_registers() {
    Check check("ioapic-registers");
    auto* index = reinterpret_cast<volatile u32*>(guest_map::ioapic);
    auto* data = reinterpret_cast<volatile u32*>(guest_map::ioapic + 0x10);
    for (u32 reg = 0; reg < 0x100; ++reg) {
        bool entry = reg >= 0x10 && reg < 0x10 + 2 * guest_map::ioapic_pins;
        *index = reg;
        *data = entry && reg % 2 == 0 ? masked | 0x7FF : 0xFFFFFFFF;
        (void)*data;
        check.expect(true, "register");
    }
    for (u64 offset = 0; offset < page_size; offset += 4) {
        if (offset == 0 || offset == 0x10)
            continue;
        *reinterpret_cast<volatile u32*>(guest_map::ioapic + offset) = 0xFFFFFFFF;
        (void)*reinterpret_cast<volatile u8*>(guest_map::ioapic + offset + 1);
    }
    for (u32 pin = 0; pin < guest_map::ioapic_pins; ++pin)
        set_redirection(pin, 0, masked);
    check.expect(second_cpu.alive(), "second-cpu-alive");
}

/// The 8259s through LINT0, at vectors of the guest's choice.
void check_pic() {
    Check check("pic");
    auto initialise = [](u16 base, u8 first_vector, u8 cascade) {
        x86::out8(base, 0x11);
        x86::out8(static_cast<u16>(base + 1), first_vector);
        x86::out8(static_cast<u16>(base + 1), cascade);
        x86::out8(static_cast<u16>(base + 1), 0x01);
    };
    u32 before = cpus[0].counts[pic_vector];
    cpus[0].on_interrupt = [](EventFrame& frame) {
        if (frame.number == pic_vector)
            x86::out8(guest_map::pic1, 0x20); // end of interrupt
    };
    initialise(guest_map::pic1, pic_vector, 4);
    initialise(guest_map::pic2, pic_vector + 8, 2);
    apic.write(apic_reg::lvt_lint0, icr::mode(Delivery::external));
    x86::out8(guest_map::pic2 + 1, 0xFF);
    x86::out8(guest_map::pic1 + 1, 0xFE);
    wait_ticks(some_periods);
    x86::out8(guest_map::pic1 + 1, 0xFF);
    apic.write(apic_reg::lvt_lint0, masked);
    cpus[0].on_interrupt = nullptr;
    u32 got = cpus[0].counts[pic_vector] - before;
    check.expect(got > 1, "interval-timer", 0, got);
    check.expect_equal(cpus[1].counts[pic_vector], 0, "second-cpu");
    for (u32 command = 0; command < 0x100; ++command) { // all command words, then harmless ones
        x86::out8(guest_map::pic1, static_cast<u8>(command));
        x86::out8(guest_map::pic2, static_cast<u8>(command));
        x86::out8(guest_map::elcr, static_cast<u8>(command));
    }
    x86::out8(guest_map::elcr, 0);
    initialise(guest_map::pic1, pic_vector, 4);
    initialise(guest_map::pic2, pic_vector + 8, 2);
    x86::out8(guest_map::pic1 + 1, 0xFF);
    x86::out8(guest_map::pic2 + 1, 0xFF);
}

/// Local vector table: every delivery mode in every entry, unmasked; and the timer in every mode.
void check_local_vectors() {
    Check check("local-vectors");
    for (u32 reg : {apic_reg::lvt_thermal, apic_reg::lvt_performance, apic_reg::lvt_lint0,
                    apic_reg::lvt_lint1, apic_reg::lvt_error}) {
        for (u32 mode = 0; mode < 8; ++mode) {
            apic.write(reg, mode << 8 | test_vector);
            apic.write(reg, mode << 8 | 0x8000 | 0x2000 | 5);
            apic.write(reg, masked | mode << 8);
        }
        check.expect((apic.read(reg) & masked) != 0, "masked", reg);
    }
    u32 nmis = cpus[0].counts[vector::nmi];
    for (u32 mode = 0; mode < 4; ++mode) {
        u32 before = cpus[0].counts[test_vector];
        apic.write(apic_reg::lvt_timer, mode << 17 | icr::mode(Delivery::nmi) | test_vector);
        apic.write(apic_reg::initial_count, 10'000);
        wait_ticks(some_periods);
        apic.write(apic_reg::lvt_timer, masked);
        apic.write(apic_reg::initial_count, 0);
        u32 got = cpus[0].counts[test_vector] - before;
        check.expect(mode == 0   ? got == 1
                     : mode == 1 ? got > 1
                                 : got == 0 || mode == 3,
                     "timer", mode, got);
    }
    check.expect_equal(cpus[0].counts[vector::nmi], nmis, "timer-has-no-nmi-mode");
    for (u32 i = 0; i < 300; ++i)
        apic.end_of_interrupt();          // of none
    for (u32 reg = 0; reg < 0x100; ++reg) // reserved registers, read and written as they are
        if (reg > 0x3F || (reg > 0x29 && reg < 0x2F))
            *reinterpret_cast<volatile u32*>(Apic::base + u64{reg} * 16) = 0xFFFFFFFF;
    check.expect(second_cpu.alive(), "second-cpu-alive");
}

} // namespace

void attack_interrupt_controllers() {
    asm volatile("sti");
    {
        Check check("controllers-second-cpu");
        check.expect(second_cpu.start(), "start");
    }
    check_ioapic();
    check_ioapic_registers();
    check_pic();
    check_local_vectors();
    asm volatile("cli");
}

} // namespace cloison::attack
