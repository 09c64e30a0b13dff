// SPDX-License-Identifier: Apache-2.0
// Ways for a partition to end that take nobody with it.
#include "tests/attack/attacker/scenarios.hpp"

#include "firmware/abi/guest_map.hpp"
#include "firmware/x86/instructions.hpp"
#include "tests/guest/apic.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/guest.hpp"
#include "tests/guest/paging.hpp"
#include "tests/guest/second_cpu.hpp"

namespace cloison::attack {

using namespace guest;

namespace {

/// What is to come ends the partition with its other CPU busy; said before, since it cannot be said
/// after.
void prepare_to_end() {
    asm volatile("sti");
    {
        Check check("end-second-cpu");
        check.expect(second_cpu.start(), "start");
    }
    report_done();
    asm volatile("cli");
    second_cpu.begin([] {
        for (;;)
            asm volatile("cli; pause");
    });
}

/// Reached only by an ending that did not end.
[[noreturn]] void survive() {
    wait_ticks(2'000'000);
    {
        Check check("end-survived");
        check.expect(false, "alive");
    }
    finish();
}

} // namespace

void end_by_triple_fault() {
    struct [[gnu::packed]] {
        u16 limit = 0;
        u64 base = 0;
    } none;
    prepare_to_end();
    asm volatile("lidt %0; int3" : : "m"(none));
    survive();
}

/// Page tables where there is no memory: nothing can be read any more, the handlers of faults
/// neither.
void end_by_page_tables() {
    prepare_to_end();
    asm volatile("mov %0, %%cr3" : : "r"(ram_end()) : "memory");
    survive();
}

void end_by_init() {
    prepare_to_end();
    apic.send(0, icr::mode(Delivery::init) | icr::assert_level);
    survive();
}

void end_by_reset_port() {
    prepare_to_end();
    x86::out8(guest_map::reset_control, 0x02);
    x86::out8(guest_map::reset_control, guest_map::reset_value);
    survive();
}

} // namespace cloison::attack
