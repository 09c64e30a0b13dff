// SPDX-License-Identifier: Apache-2.0
// What becomes of an exception in the delivery of another (SDM vol. 3A, 6.15, tables 6-4 and 6-5).
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::core {

namespace exception {
inline constexpr u32 divide = 0, undefined = 6, double_fault = 8, protection = 13, page_fault = 14,
                     machine_check = 18;
}

enum class Escalation : u8 {
    none,         // the second exception is delivered, the first one is lost
    double_fault, // #DF(0) is delivered in place of both
    shutdown,     // the processor gives up: a triple fault
};

/// The exception `second` came in the delivery of the exception `first`; both are vectors.
constexpr Escalation escalate(u32 first, u32 second) {
    auto contributory = [](u32 vector) {
        return vector == exception::divide || (vector >= 10 && vector <= 13);
    };
    bool second_counts = contributory(second) || second == exception::page_fault;
    if (first == exception::double_fault)
        return second_counts ? Escalation::shutdown : Escalation::none;
    if (first == exception::page_fault)
        return second_counts ? Escalation::double_fault : Escalation::none;
    return contributory(first) && contributory(second) ? Escalation::double_fault
                                                       : Escalation::none;
}

} // namespace cloison::core
