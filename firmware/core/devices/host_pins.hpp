// SPDX-License-Identifier: Apache-2.0
// Interrupts of the machine that a partition owns: pins of its I/O APIC that stand for pins of the
// machine's with the same numbers. The guest sets up its own; the machine's follow.
//
// An edge goes through as it comes. A level-triggered interrupt is masked at the machine's pin from
// its arrival until the guest has ended it, as the level stays while the device wants something.
#pragma once

#include "firmware/core/devices/ioapic.hpp"

#include <bit>

namespace cloison::core {

/// How a pin of the machine has to be set.
struct HostPin {
    u32 pin;
    bool level, active_low, masked;

    bool operator==(const HostPin&) const = default;
};

class HostPins {
  public:
    explicit HostPins(IoApic& ioapic) : ioapic_(ioapic) {}

    /// Before the partition runs: the pins it owns, by bits. All are masked at the machine.
    void own(u32 pins) { owned_ = pins; }
    [[nodiscard]] bool any() const { return owned_ != 0; }

    /// The machine's interrupt has arrived.
    void arrived(u32 pin) {
        if (pin >= guest_map::ioapic_pins || (owned_ >> pin & 1) == 0)
            return;
        ioapic_.set_line(pin, true);
        if (ioapic_.mode(pin).level)
            busy_ |= 1u << pin;
        else
            ioapic_.set_line(pin, false);
        follow();
    }
    /// The guest has ended level-triggered interrupts with `vector`; before the I/O APIC learns it.
    void ended(u8 vector) {
        for (u32 left = busy_; left != 0; left &= left - 1) {
            auto pin = static_cast<u32>(std::countr_zero(left));
            IoApic::Mode mode = ioapic_.mode(pin);
            if (!mode.in_service || mode.vector != vector)
                continue;
            ioapic_.set_line(pin, false);
            busy_ &= ~(1u << pin);
        }
    }
    /// The guest may have changed pins.
    void follow() {
        for (u32 left = owned_; left != 0; left &= left - 1) {
            auto pin = static_cast<u32>(std::countr_zero(left));
            IoApic::Mode mode = ioapic_.mode(pin);
            bool masked = mode.masked || (busy_ >> pin & 1) != 0;
            HostPin wanted{pin, mode.level, mode.active_low, masked};
            if (wanted == set_[pin] || (masked && set_[pin].masked))
                continue;
            set_[pin] = wanted;
            changed_ |= 1u << pin;
        }
    }
    /// The next pin of the machine to be set.
    std::optional<HostPin> take() {
        if (changed_ == 0)
            return std::nullopt;
        auto pin = static_cast<u32>(std::countr_zero(changed_));
        changed_ &= changed_ - 1;
        return set_[pin];
    }

  private:
    static constexpr std::array<HostPin, guest_map::ioapic_pins> make_masked() {
        std::array<HostPin, guest_map::ioapic_pins> pins{};
        for (u32 pin = 0; pin < pins.size(); ++pin)
            pins[pin] = {pin, false, false, true};
        return pins;
    }

    IoApic& ioapic_;
    u32 owned_ = 0;
    u32 busy_ = 0; // level-triggered, arrived, not ended
    u32 changed_ = 0;
    std::array<HostPin, guest_map::ioapic_pins> set_ = make_masked();
};

} // namespace cloison::core
