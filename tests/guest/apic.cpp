// SPDX-License-Identifier: Apache-2.0
#include "tests/guest/apic.hpp"

#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/x86/instructions.hpp"
#include "tests/guest/cpu.hpp"

namespace cloison::guest {

namespace msr = core::msr;

constinit Apic apic;

void Apic::initialise() {
    constexpr u32 masked = 1 << 16, enable = 1 << 8;
    for (u32 reg :
         {apic_reg::lvt_timer, apic_reg::lvt_lint0, apic_reg::lvt_lint1, apic_reg::lvt_error})
        write(reg, masked);
    write(apic_reg::svr, enable | vector::spurious);
}

void Apic::enter_x2apic() {
    constexpr u64 enable_x2apic = 1 << 10;
    x86::wrmsr(msr::apic_base, x86::rdmsr(msr::apic_base) | enable_x2apic);
    x2apic_ = true;
}

u32 Apic::read(u32 reg) const {
    if (x2apic_)
        return static_cast<u32>(x86::rdmsr(msr::x2apic_base + reg));
    return *reinterpret_cast<volatile u32*>(base + u64{reg} * 16);
}

void Apic::write(u32 reg, u32 value) const {
    if (x2apic_)
        x86::wrmsr(msr::x2apic_base + reg, value);
    else
        *reinterpret_cast<volatile u32*>(base + u64{reg} * 16) = value;
}

void Apic::send(u32 destination, u32 command) const {
    if (x2apic_) {
        x86::wrmsr(msr::x2apic_base + apic_reg::icr, u64{destination} << 32 | command);
        return;
    }
    write(apic_reg::icr_high, destination << 24);
    write(apic_reg::icr, command);
}

u32 Apic::id() const {
    return x2apic_ ? read(apic_reg::id) : read(apic_reg::id) >> 24;
}

} // namespace cloison::guest
