// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/server/service_function.hpp"

#include "firmware/abi/io_adapter.hpp"

namespace cloison::core {

namespace {

constexpr u32 command_bits = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE;
constexpr u32 class_and_revision = 0x0880'0001; // other system peripheral
constexpr u32 subsystem = abi::service_vendor | 0x0001u << 16;
constexpr u32 pin_a = 1 << 8; // interrupt pin register, beside the line

} // namespace

ServiceFunction::ServiceFunction(u32 device, const Bars& bars, u32 pin)
    : device_(device),
      pin_(pin),
      bars_(bars),
      line_(pin == no_pin ? 0 : pin) {}

u32 ServiceFunction::read_configuration(u32 offset) {
    if (Bars::has(offset))
        return bars_.read(offset);
    switch (offset) {
    case PCI_VENDOR_ID:
        return abi::service_vendor | device_ << 16;
    case PCI_COMMAND:
        return command_ | (pending_ ? u32{PCI_STATUS_INTERRUPT} << 16 : 0);
    case PCI_CLASS_REVISION:
        return class_and_revision;
    case PCI_SUBSYSTEM_VENDOR_ID:
        return subsystem;
    case PCI_INTERRUPT_LINE:
        return line_ | (pin_ == no_pin ? 0 : pin_a);
    default:
        return 0;
    }
}

void ServiceFunction::write_configuration(u32 offset, u32 value, u32 mask) {
    if (Bars::has(offset)) {
        bars_.write(offset, value, mask);
    } else if (offset == PCI_COMMAND) {
        u32 before = command_;
        u32 bits = command_bits & mask;
        command_ = (command_ & ~bits) | (value & bits);
        if ((before & ~command_ & PCI_COMMAND_INTX_DISABLE) != 0)
            pending_ = false;
    } else if (offset == PCI_INTERRUPT_LINE) {
        u32 bits = mask & 0xFF;
        line_ = (line_ & ~bits) | (value & bits);
    }
}

u32 ServiceFunction::lines() const {
    bool asserted = pending_ && (command_ & PCI_COMMAND_INTX_DISABLE) == 0 && pin_ != no_pin;
    return asserted ? 1u << pin_ : 0;
}

void ServiceFunction::reset() {
    command_ = 0;
    pending_ = false;
}

} // namespace cloison::core
