// SPDX-License-Identifier: Apache-2.0
// Verdicts in test expectations: compared in full, printed as the firmware does.
#pragma once

#include "firmware/abi/rules.hpp"

#include <ostream>

namespace cloison::abi {

constexpr bool operator==(const Verdict& a, const Verdict& b) {
    return a.rule == b.rule && a.first == b.first && a.second == b.second;
}

inline std::ostream& operator<<(std::ostream& out, const Verdict& v) {
    return out << rule_name(v.rule) << " first=" << v.first << " second=" << v.second;
}

} // namespace cloison::abi
