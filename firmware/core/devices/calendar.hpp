// SPDX-License-Identifier: Apache-2.0
// Dates of the Gregorian calendar, applied to all years from 0 up, as seconds and back. Leap
// seconds do not exist, as for Unix.
#pragma once

#include "firmware/abi/types.hpp"

#include <algorithm>

namespace cloison::core {

inline constexpr u64 seconds_per_day = 86'400;
inline constexpr u32 last_year = 9999;

struct CivilTime {
    u32 year = 0;
    u32 month = 1; // 1 to 12
    u32 day = 1;   // 1 to 31
    u32 hour = 0;
    u32 minute = 0;
    u32 second = 0;

    constexpr bool operator==(const CivilTime&) const = default;
};

/// Days from 1 January of year 0. A day past the month's end, up to 31, runs into the next month.
constexpr u64 days_from_date(u32 year, u32 month, u32 day) {
    // Years from March, so that the leap day comes last; 400 years are 146097 days.
    u64 y = u64{year} + 400 - (month <= 2 ? 1 : 0);
    u64 m = month <= 2 ? month + 9 : month - 3;
    u64 march = y * 365 + y / 4 - y / 100 + y / 400;
    return march + (m * 153 + 2) / 5 + day - 1 + 60 - 146'097;
}

inline constexpr u64 unix_epoch = days_from_date(1970, 1, 1) * seconds_per_day;
inline constexpr u64 calendar_end = days_from_date(last_year + 1, 1, 1) * seconds_per_day;

/// Seconds from the beginning of year 0; fields in the ranges above, any day up to 31.
constexpr u64 seconds_from_civil(const CivilTime& t) {
    u32 of_day = t.hour * 3600 + t.minute * 60 + t.second;
    return days_from_date(t.year, t.month, t.day) * seconds_per_day + of_day;
}

/// The inverse. Times from calendar_end on are taken for the last second before it.
constexpr CivilTime civil_from_seconds(u64 seconds) {
    seconds = std::min(seconds, calendar_end - 1);
    u64 days = seconds / seconds_per_day;
    auto of_day = static_cast<u32>(seconds % seconds_per_day);
    CivilTime t;
    // The mean year gives the right one or its neighbour.
    t.year = static_cast<u32>(days * 400 / 146'097);
    if (days < days_from_date(t.year, 1, 1))
        --t.year;
    else if (days >= days_from_date(t.year + 1, 1, 1))
        ++t.year;
    while (t.month < 12 && days >= days_from_date(t.year, t.month + 1, 1))
        ++t.month;
    t.day = static_cast<u32>(days - days_from_date(t.year, t.month, 1)) + 1;
    t.hour = of_day / 3600;
    t.minute = of_day / 60 % 60;
    t.second = of_day % 60;
    return t;
}

/// 0 is Sunday. 1 January of year 0 was a Saturday.
constexpr u32 day_of_week(u64 seconds) {
    return static_cast<u32>((seconds / seconds_per_day + 6) % 7);
}

static_assert(days_from_date(0, 1, 1) == 0);
static_assert(days_from_date(1970, 1, 1) == 719'528);
static_assert(day_of_week(unix_epoch) == 4); // a Thursday

} // namespace cloison::core
