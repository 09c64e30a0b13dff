// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/uart.hpp"

#include <linux/serial_reg.h>

namespace cloison::core {

namespace {

constexpr u8 iir_fifos_enabled = 0xC0;
constexpr u8 ier_bits = UART_IER_MSI | UART_IER_RLSI | UART_IER_THRI | UART_IER_RDI;
constexpr u8 mcr_bits = UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_OUT1 | UART_MCR_RTS | UART_MCR_DTR;
constexpr u8 connected = UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;

} // namespace

bool Uart::loopback() const {
    return (modem_control_ & UART_MCR_LOOP) != 0;
}

u32 Uart::trigger_level() const {
    static constexpr std::array<u8, 4> levels{1, 4, 8, 14};
    return fifo_enabled() ? levels[UART_FCR_R_TRIG_BITS(fifo_control_)] : 1;
}

/// A character below the trigger level is due after four character times without another one. At
/// this line's speed they have passed by the time that anybody looks.
u8 Uart::pending() const {
    if ((interrupt_enable_ & UART_IER_RLSI) != 0 && overrun_)
        return UART_IIR_RLSI;
    if ((interrupt_enable_ & UART_IER_RDI) != 0 && receiver_.size() != 0)
        return receiver_.size() >= trigger_level() ? UART_IIR_RDI : UART_IIR_RX_TIMEOUT;
    if ((interrupt_enable_ & UART_IER_THRI) != 0 && holding_interrupt_)
        return UART_IIR_THRI;
    if ((interrupt_enable_ & UART_IER_MSI) != 0 && modem_deltas_ != 0)
        return UART_IIR_MSI;
    return UART_IIR_NO_INT;
}

bool Uart::interrupt() const {
    // Loopback disconnects the outputs, OUT2 among them.
    return (modem_control_ & UART_MCR_OUT2) != 0 && !loopback() && pending() != UART_IIR_NO_INT;
}

u8 Uart::read_identification() {
    u8 id = pending();
    if (id == UART_IIR_THRI)
        holding_interrupt_ = false;
    return fifo_enabled() ? id | iir_fifos_enabled : id;
}

u8 Uart::line_status() const {
    u32 status = 0;
    if (receiver_.size() != 0)
        status |= UART_LSR_DR;
    if (overrun_)
        status |= UART_LSR_OE;
    if (holding_empty())
        status |= UART_LSR_THRE;
    if (transmitter_.size() == 0)
        status |= UART_LSR_TEMT;
    return static_cast<u8>(status);
}

u8 Uart::modem_inputs() const {
    if (!loopback())
        return connected;
    u32 inputs = 0;
    if ((modem_control_ & UART_MCR_RTS) != 0)
        inputs |= UART_MSR_CTS;
    if ((modem_control_ & UART_MCR_DTR) != 0)
        inputs |= UART_MSR_DSR;
    if ((modem_control_ & UART_MCR_OUT1) != 0)
        inputs |= UART_MSR_RI;
    if ((modem_control_ & UART_MCR_OUT2) != 0)
        inputs |= UART_MSR_DCD;
    return static_cast<u8>(inputs);
}

u8 Uart::read(u32 reg) {
    bool divisor_access = (line_control_ & UART_LCR_DLAB) != 0;
    u8 value = 0;
    switch (reg) {
    case UART_RX:
        if (divisor_access)
            return static_cast<u8>(divisor_);
        last_received_ = receiver_.pop().value_or(last_received_);
        return last_received_;
    case UART_IER:
        return divisor_access ? static_cast<u8>(divisor_ >> 8) : interrupt_enable_;
    case UART_IIR:
        return read_identification();
    case UART_LCR:
        return line_control_;
    case UART_MCR:
        return modem_control_;
    case UART_LSR:
        value = line_status();
        overrun_ = false;
        return value;
    case UART_MSR:
        value = modem_inputs() | modem_deltas_;
        modem_deltas_ = 0;
        return value;
    case UART_SCR:
        return scratch_;
    default:
        return 0xFF;
    }
}

void Uart::write(u32 reg, u8 value) {
    bool divisor_access = (line_control_ & UART_LCR_DLAB) != 0;
    switch (reg) {
    case UART_TX:
        if (divisor_access)
            divisor_ = static_cast<u16>((divisor_ & 0xFF00) | value);
        else
            transmit(value);
        break;
    case UART_IER:
        if (divisor_access) {
            divisor_ = static_cast<u16>((divisor_ & 0xFF) | value << 8);
            break;
        }
        // Enabling the interrupt of an empty transmitter raises it, each time anew. Drivers test
        // for this.
        if ((value & ~interrupt_enable_ & UART_IER_THRI) != 0 && holding_empty())
            holding_interrupt_ = true;
        interrupt_enable_ = value & ier_bits;
        break;
    case UART_FCR:
        write_fifo_control(value);
        break;
    case UART_LCR:
        line_control_ = value;
        break;
    case UART_MCR:
        write_modem_control(value);
        break;
    case UART_SCR:
        scratch_ = value;
        break;
    default: // LSR and MSR are written in the factory only
        break;
    }
}

void Uart::transmit(u8 byte) {
    if (loopback()) {
        // Sent and received at once; what finds the receiver full is lost.
        u32 room = fifo_enabled() ? fifo_size : 1;
        if (receiver_.size() >= room || !receiver_.push(byte))
            overrun_ = true;
    } else {
        // Behind a full FIFO the byte is lost: the guest did not wait.
        (void)transmitter_.push(byte);
    }
    holding_interrupt_ = holding_empty();
}

/// The FIFO's bytes go; the one in the shift register is on its way.
void Uart::clear_transmitter() {
    holding_interrupt_ = holding_interrupt_ || !holding_empty();
    transmitter_.truncate(1);
}

void Uart::write_fifo_control(u8 value) {
    bool enable = (value & UART_FCR_ENABLE_FIFO) != 0;
    bool change = enable != fifo_enabled(); // clears both FIFOs
    if (change || (enable && (value & UART_FCR_CLEAR_RCVR) != 0))
        receiver_.truncate(0);
    if (change || (enable && (value & UART_FCR_CLEAR_XMIT) != 0))
        clear_transmitter();
    fifo_control_ = enable ? value & (UART_FCR_TRIGGER_MASK | UART_FCR_ENABLE_FIFO) : 0;
}

void Uart::write_modem_control(u8 value) {
    u32 before = modem_inputs();
    modem_control_ = value & mcr_bits;
    u32 after = modem_inputs();
    // The deltas are four bits below their inputs. That of the ring indicator marks its end only.
    u32 changed = (before ^ after) & ~(after & UART_MSR_RI);
    modem_deltas_ |= static_cast<u8>(changed >> 4);
}

bool Uart::receive(u8 byte) {
    u32 room = fifo_enabled() ? fifo_size : 1;
    return !loopback() && receiver_.size() < room && receiver_.push(byte);
}

std::optional<u8> Uart::take() {
    auto byte = transmitter_.pop();
    if (byte && transmitter_.size() == 1) // the FIFO's last byte went to the shift register
        holding_interrupt_ = true;
    return byte;
}

} // namespace cloison::core
