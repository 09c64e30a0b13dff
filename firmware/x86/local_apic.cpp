// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/local_apic.hpp"

#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/x86/instructions.hpp"

#include <initializer_list>

namespace cloison::x86 {

namespace msr = core::msr;

namespace {

// Register offsets and command bits: SDM vol. 3A, table 11-1 and figure 11-12.
constexpr u64 mmio_base = 0xFEE00000;
constexpr u32 reg_id = 0x20, reg_tpr = 0x80, reg_eoi = 0xB0, reg_spurious = 0xF0, reg_icr = 0x300,
              reg_icr_high = 0x310, reg_lvt_timer = 0x320, reg_lvt_lint0 = 0x350,
              reg_lvt_lint1 = 0x360;
constexpr u32 mode_nmi = 4 << 8, mode_init = 5 << 8, mode_startup = 6 << 8;
constexpr u32 level_assert = 1 << 14, delivery_pending = 1 << 12;
constexpr u32 masked = 1 << 16, software_enable = 1 << 8;
constexpr u64 base_enable = 1 << 11, base_x2apic = 1 << 10;

} // namespace

constinit PhysicalApic apic;

u32 PhysicalApic::read(u32 offset) const {
    if (x2apic_)
        return static_cast<u32>(rdmsr(msr::x2apic_base + offset / 16));
    return *reinterpret_cast<volatile u32*>(mmio_base + offset);
}

void PhysicalApic::write(u32 offset, u32 value) const {
    if (x2apic_)
        wrmsr(msr::x2apic_base + offset / 16, value);
    else
        *reinterpret_cast<volatile u32*>(mmio_base + offset) = value;
}

void PhysicalApic::initialise() {
    constexpr u32 cpuid_x2apic = 1 << 21;
    x2apic_ = (cpuid(1).ecx & cpuid_x2apic) != 0;
    u64 base = rdmsr(msr::apic_base) | base_enable;
    wrmsr(msr::apic_base, base);
    if (x2apic_)
        wrmsr(msr::apic_base, base | base_x2apic);
    write(reg_tpr, 0);
    write(reg_spurious, software_enable | 0xFF);
    for (u32 lvt : {reg_lvt_lint0, reg_lvt_lint1})
        write(lvt, masked);
    constexpr u32 tsc_deadline_mode = 2 << 17;
    write(reg_lvt_timer, has_deadline_timer() ? timer_vector | tsc_deadline_mode : masked);
}

u32 PhysicalApic::id() const {
    return x2apic_ ? read(reg_id) : read(reg_id) >> 24;
}

void PhysicalApic::send(u32 apic_id, u32 command) const {
    if (x2apic_) {
        // x2APIC writes do not order earlier stores (SDM vol. 3A, 11.12.3): the event word comes
        // first.
        asm volatile("mfence; lfence" : : : "memory");
        wrmsr(msr::x2apic_base + reg_icr / 16, u64{apic_id} << 32 | command);
        return;
    }
    while ((read(reg_icr) & delivery_pending) != 0)
        pause();
    write(reg_icr_high, apic_id << 24);
    write(reg_icr, command);
}

void PhysicalApic::send_nmi(u32 apic_id) const {
    send(apic_id, mode_nmi | level_assert);
}

void PhysicalApic::send_init(u32 apic_id) const {
    send(apic_id, mode_init | level_assert);
}

void PhysicalApic::send_startup(u32 apic_id, u8 page) const {
    send(apic_id, mode_startup | level_assert | page);
}

void PhysicalApic::end_of_interrupt() const {
    write(reg_eoi, 0);
}

bool PhysicalApic::has_deadline_timer() {
    constexpr u32 cpuid_tsc_deadline = 1 << 24;
    return (cpuid(1).ecx & cpuid_tsc_deadline) != 0;
}

void PhysicalApic::arm_timer(u64 deadline) {
    wrmsr(msr::tsc_deadline, deadline);
}

} // namespace cloison::x86
