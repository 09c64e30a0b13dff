// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/log.hpp"

#include "firmware/x86/instructions.hpp"
#include "firmware/x86/serial.hpp"

namespace cloison::x86 {

LogLine::~LogLine() {
    serial.log(text());
}

void panic(std::string_view why, u64 detail) {
    serial.break_lock();
    {
        LogLine line;
        line << "@panic why=" << why << " detail=" << Hex{detail};
    }
    halt_forever();
}

} // namespace cloison::x86
