// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/text_line.hpp"

namespace cloison::x86 {

TextLine& TextLine::operator<<(std::string_view text) {
    for (char c : text)
        if (size_ < buffer_.size())
            buffer_[size_++] = c;
    return *this;
}

TextLine& TextLine::digits(u64 number, u64 base) {
    char buffer[20]; // of 2^64 - 1 in decimal
    usize n = 0;
    do {
        buffer[sizeof buffer - ++n] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0);
    return *this << std::string_view(buffer + sizeof buffer - n, n);
}

} // namespace cloison::x86
