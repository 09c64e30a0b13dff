// SPDX-License-Identifier: Apache-2.0
#include "tests/attack/runtime/console.hpp"

#include "firmware/abi/guest_map.hpp"
#include "firmware/x86/instructions.hpp"

#include <linux/serial_reg.h>

namespace cloison::guest {

namespace {

void send(char c) {
    while ((x86::in8(guest_map::com1 + UART_LSR) & UART_LSR_THRE) == 0)
        x86::pause();
    x86::out8(guest_map::com1 + UART_TX, static_cast<u8>(c));
}

} // namespace

Line::~Line() {
    for (char c : std::string_view(text_, size_))
        send(c);
    send('\r');
    send('\n');
}

Line& Line::operator<<(std::string_view text) {
    for (char c : text)
        if (size_ < capacity)
            text_[size_++] = c;
    return *this;
}

Line& Line::operator<<(u64 number) {
    char digits[20];
    usize n = 0;
    do {
        digits[sizeof digits - ++n] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return *this << std::string_view(digits + sizeof digits - n, n);
}

Line& Line::operator<<(Hex number) {
    char digits[16];
    usize n = 0;
    do {
        digits[sizeof digits - ++n] = "0123456789abcdef"[number.value % 16];
        number.value /= 16;
    } while (number.value != 0);
    return *this << "0x" << std::string_view(digits + sizeof digits - n, n);
}

} // namespace cloison::guest
