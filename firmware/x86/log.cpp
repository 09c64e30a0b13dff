// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/log.hpp"

#include "firmware/x86/instructions.hpp"
#include "firmware/x86/serial.hpp"

namespace cloison::x86 {

LogLine::~LogLine() {
    text_[size_++] = '\n';
    serial.log({text_, size_});
}

LogLine& LogLine::operator<<(std::string_view text) {
    for (char c : text)
        if (size_ < capacity - 1) // room for the newline
            text_[size_++] = c;
    return *this;
}

LogLine& LogLine::operator<<(u64 number) {
    char digits[20];
    usize n = 0;
    do {
        digits[sizeof digits - ++n] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return *this << std::string_view(digits + sizeof digits - n, n);
}

LogLine& LogLine::operator<<(Hex number) {
    char digits[18];
    usize n = 0;
    do {
        digits[sizeof digits - ++n] = "0123456789abcdef"[number.value % 16];
        number.value /= 16;
    } while (number.value != 0);
    return *this << "0x" << std::string_view(digits + sizeof digits - n, n);
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
