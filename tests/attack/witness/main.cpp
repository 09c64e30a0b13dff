// SPDX-License-Identifier: Apache-2.0
// The guest next door: minds its own business on two CPUs for observe=N ticks, and notices whatever
// does not come of that: memory that changes, interrupts and exceptions nobody asked for, timers
// that stray, a CPU that is gone.
#include "firmware/x86/instructions.hpp"
#include "tests/guest/apic.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/console.hpp"
#include "tests/guest/cpu.hpp"
#include "tests/guest/guest.hpp"
#include "tests/guest/image.hpp"
#include "tests/guest/second_cpu.hpp"

#include <algorithm>

namespace cloison::witness {

using namespace guest;

namespace {

constexpr u32 timer_vector = 0x41;
constexpr u32 timer_period = 500'000; // ticks

volatile u64 observation_end;
volatile u64 timer_started[2];
u64 longest_gap; // ticks in which the boot CPU, always busy, did not get on

void start_timer() {
    constexpr u32 periodic = 1 << 17, divide_by_one = 0xB;
    apic.write(apic_reg::divide, divide_by_one);
    apic.write(apic_reg::lvt_timer, periodic | timer_vector);
    timer_started[this_cpu().id] = x86::rdtsc();
    apic.write(apic_reg::initial_count, timer_period);
}

/// The second CPU sleeps, and is woken by its timer alone.
void sleep_through_observation() {
    start_timer();
    while (x86::rdtsc() < observation_end)
        asm volatile("hlt");
}

/// All free memory. It is zero at first, as the firmware gives it; then each pass finds the pattern
/// of the pass before, which depends on the address, and leaves its own. So no change goes
/// unnoticed but one after the last pass.
class PatternedMemory {
  public:
    PatternedMemory()
        : ranges_{
              {0x10000, 0x80000}, {1 * mib, image_base}, {image_base + image_memory, ram_end()}} {}

    void pass(u64 number, Check& check) {
        u64 wrong = 0, where = 0, got = 0;
        for (const Range& range : ranges_) {
            for (u64 page = range.begin; page < range.end; page += page_size) {
                u64 begin = x86::rdtsc();
                for (u64 at = page; at < page + page_size; at += sizeof(u64)) {
                    auto* word = reinterpret_cast<volatile u64*>(at);
                    if (u64 value = *word; value != pattern(at, number - 1) && wrong++ == 0) {
                        where = at;
                        got = value;
                    }
                    *word = pattern(at, number);
                }
                longest_gap = std::max(longest_gap, x86::rdtsc() - begin);
            }
        }
        check.expect(wrong == 0, "memory", where, got);
    }

  private:
    struct Range {
        u64 begin, end;
    };

    static u64 pattern(u64 address, u64 number) {
        return number == 0 ? 0 : address * 0x9E3779B97F4A7C15 + number;
    }

    Range ranges_[3];
};

void observe_memory() {
    Check check("witness-memory");
    PatternedMemory memory;
    u64 number = 0;
    while (x86::rdtsc() < observation_end)
        memory.pass(++number, check);
    memory.pass(++number, check);
}

/// Nothing but the timer came, to either CPU.
void check_events() {
    Check check("witness-events");
    for (const Cpu& cpu : cpus)
        for (u32 number = 0; number < 256; ++number)
            if (number != timer_vector)
                check.expect_equal(cpu.counts[number], 0, "vector", number);
}

void check_timers(const u32 (&ticks)[2], const u64 (&elapsed)[2]) {
    Check check("witness-timers");
    for (u32 id = 0; id < 2; ++id) {
        u64 expected = elapsed[id] / timer_period;
        check.expect(ticks[id] + 2 >= expected && ticks[id] <= expected + 1, "timer", id,
                     ticks[id]);
        check.expect(expected > 10, "observed-long-enough", id, expected);
    }
    // A page's turn takes some 6,000 ticks and a timer interrupt: nobody holds this CPU up.
    constexpr u64 tolerated_gap = 50'000;
    check.expect(longest_gap < tolerated_gap, "gap", 0, longest_gap);
}

void observe() {
    observation_end = x86::rdtsc() + number_option("observe");
    second_cpu.begin(sleep_through_observation);
    start_timer();
    observe_memory();
    {
        Check check("witness-second-cpu");
        check.expect(second_cpu.idle(), "answers");
        check.expect(second_cpu.alive(), "alive");
        check.expect_equal(second_cpu.starts(), 1, "starts");
    }
    u32 ticks[2];
    u64 elapsed[2];
    for (u32 id = 0; id < 2; ++id) {
        ticks[id] = cpus[id].counts[timer_vector];
        elapsed[id] = x86::rdtsc() - timer_started[id];
    }
    check_timers(ticks, elapsed);
    check_events();
    Line line;
    line << "@value longest-gap=" << longest_gap;
}

} // namespace

} // namespace cloison::witness

void cloison::guest::guest_main() {
    asm volatile("sti");
    {
        Check check("witness-start");
        check.expect(second_cpu.start(), "second-cpu");
    }
    witness::observe();
    asm volatile("cli");
}
