// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/clock.hpp"

#include "firmware/x86/instructions.hpp"

namespace cloison::x86 {

namespace {

constexpr u64 pm_timer_hz = 3579545; // ACPI 6.4, 4.8.3.3
constexpr u32 pm_timer_mask = 0xFFFFFF;
constexpr u64 pit_hz = 1193182;

u64 measure_by_pm_timer(u16 port) {
    constexpr u32 span = pm_timer_hz / 100; // 10 ms
    u32 first = in32(port) & pm_timer_mask;
    u64 begin = rdtsc();
    u32 passed;
    do
        passed = (in32(port) - first) & pm_timer_mask;
    while (passed < span);
    return (rdtsc() - begin) * pm_timer_hz / passed;
}

/// Channel 2 in one-shot mode, its output read back at port 61H.
u64 measure_by_pit() {
    constexpr u16 control = 0x43, channel2 = 0x42, gate = 0x61;
    constexpr u32 span = pit_hz / 100;
    constexpr u8 channel2_both_mode0 = 0xB0, output = 0x20;
    out8(gate, static_cast<u8>((in8(gate) & ~3) | 1));
    out8(control, channel2_both_mode0);
    out8(channel2, span & 0xFF);
    u64 begin = rdtsc();
    out8(channel2, span >> 8);
    while ((in8(gate) & output) == 0) {
    }
    return (rdtsc() - begin) * pit_hz / span;
}

u64 crystal_frequency() {
    if (cpuid(0).eax < 0x15)
        return 0;
    auto r = cpuid(0x15);
    return r.eax == 0 ? 0 : u64{r.ecx} * r.ebx / r.eax;
}

constexpr u8 cmos_seconds = 0, cmos_minutes = 2, cmos_hours = 4, cmos_day = 7, cmos_month = 8,
             cmos_year = 9, cmos_status_a = 0x0A, cmos_status_b = 0x0B;

u8 cmos(u8 index) {
    out8(0x70, index);
    return in8(0x71);
}

struct Date {
    u32 year, month, day, hour, minute, second;
    bool operator==(const Date&) const = default;
};

Date read_date() {
    constexpr u8 binary = 4, hours24 = 2, pm = 0x80;
    u8 mode = cmos(cmos_status_b);
    auto number = [mode](u8 raw) -> u32 {
        return (mode & binary) != 0 ? raw : (raw >> 4) * 10u + (raw & 15);
    };
    u8 raw_hour = cmos(cmos_hours);
    u32 hour = number(raw_hour & 0x7F);
    if ((mode & hours24) == 0)
        hour = hour % 12 + ((raw_hour & pm) != 0 ? 12 : 0);
    return {2000 + number(cmos(cmos_year)), number(cmos(cmos_month)),  number(cmos(cmos_day)), hour,
            number(cmos(cmos_minutes)),     number(cmos(cmos_seconds))};
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, years counted from March.
u64 days_since_1970(u32 year, u32 month, u32 day) {
    u32 y = month <= 2 ? year - 1 : year;
    u32 from_march = (month + 9) % 12;
    return u64{365} * y + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 + day - 1 - 719468;
}
static_assert(719468 == 365 * 1969 + 1969 / 4 - 1969 / 100 + 1969 / 400 + (153 * 10 + 2) / 5);

} // namespace

u64 tsc_frequency(u16 pm_timer) {
    u64 measured = pm_timer != 0 ? measure_by_pm_timer(pm_timer) : measure_by_pit();
    u64 stated = crystal_frequency();
    u64 difference = stated > measured ? stated - measured : measured - stated;
    return difference < measured / 100 ? stated : measured;
}

u64 tsc_epoch(u64 tsc_hz) {
    constexpr u8 updating = 0x80;
    // Read between updates, and twice alike (as the MC146818's data sheet advises). A machine
    // without a clock answers nonsense for ever: give up after a few tries, its time is wrong
    // anyway.
    Date date{};
    for (u32 tries = 0; tries < 10; ++tries) {
        while (tries < 9 && (cmos(cmos_status_a) & updating) != 0 && cmos(cmos_status_b) != 0xFF) {
        }
        Date again = read_date();
        if (again == date)
            break;
        date = again;
    }
    u64 seconds = days_since_1970(date.year, date.month, date.day) * 86400 + date.hour * 3600 +
                  date.minute * 60 + date.second;
    u64 elapsed = rdtsc() / tsc_hz;
    return seconds > elapsed ? seconds - elapsed : 0;
}

void wait_us(u64 microseconds, u64 tsc_hz) {
    u64 until = rdtsc() + microseconds * tsc_hz / 1000000;
    while (rdtsc() < until)
        pause();
}

} // namespace cloison::x86
