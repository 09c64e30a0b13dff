// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/refusal.hpp"

#include "firmware/x86/instructions.hpp"
#include "firmware/x86/log.hpp"

namespace cloison::x86 {

void halt() {
    {
        LogLine line;
        line << "@halt";
    }
    halt_forever();
}

void refuse(const abi::Verdict& verdict) {
    {
        LogLine line;
        line << "@refuse rule=" << abi::rule_name(verdict.rule);
        if (verdict.first != ~u32{0})
            line << " first=" << verdict.first;
        if (verdict.second != ~u32{0})
            line << " second=" << verdict.second;
    }
    halt();
}

} // namespace cloison::x86
