// SPDX-License-Identifier: Apache-2.0
#include "tests/guest/console.hpp"

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
    for (char c : text())
        send(c);
    send('\r');
    send('\n');
}

} // namespace cloison::guest
