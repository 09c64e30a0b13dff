// SPDX-License-Identifier: Apache-2.0
// Exceptions in the delivery of exceptions: the table of the SDM, written out.
#include "firmware/core/cpu/exceptions.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

// SDM vol. 3A, table 6-4: what is not contributory and not a page fault is benign.
enum class Class { benign, contributory, page_fault };

Class class_of(u32 vector) {
    switch (vector) {
    case 0:  // #DE
    case 10: // #TS
    case 11: // #NP
    case 12: // #SS
    case 13: // #GP
        return Class::contributory;
    case 14:
        return Class::page_fault;
    default:
        return Class::benign;
    }
}

TEST(Exceptions, EscalateAsTheTableSays) {
    constexpr Escalation none = Escalation::none, twice = Escalation::double_fault;
    // Rows: the first exception; columns: the second (table 6-5).
    constexpr Escalation table[3][3] = {
        {none, none, none},
        {none, twice, none},
        {none, twice, twice},
    };
    for (u32 first = 0; first < 32; ++first) {
        if (first == 8)
            continue;
        for (u32 second = 0; second < 32; ++second)
            EXPECT_EQ(escalate(first, second),
                      table[static_cast<int>(class_of(first))][static_cast<int>(class_of(second))])
                << first << " then " << second;
    }
}

TEST(Exceptions, FaultInTheDeliveryOfADoubleFaultIsTheEnd) {
    for (u32 second = 0; second < 32; ++second)
        EXPECT_EQ(escalate(8, second),
                  class_of(second) == Class::benign ? Escalation::none : Escalation::shutdown)
            << second;
}

} // namespace
} // namespace cloison::core
