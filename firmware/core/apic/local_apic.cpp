// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/apic/local_apic.hpp"

#include <bit>

namespace cloison::core {

namespace reg = apic_reg;

namespace {

// Integrated APIC, 6 LVT entries, no EOI-broadcast suppression.
constexpr u32 version = 0x14 | 5 << 16;

} // namespace

void LocalApic::attach(u32* page, u32 id, bool boot_cpu) {
    regs_ = page;
    id_ = id;
    base_ = base_address | base_enable | (boot_cpu ? base_boot : 0);
    reset(true);
}

void LocalApic::reset(bool keep_base) {
    if (!keep_base)
        base_ = base_address | base_enable | (base_ & base_boot);
    for (u32 r = 0; r < 0x40; ++r)
        set(r, 0);
    set(reg::version, version);
    set(reg::svr, 0xFF);
    set(reg::dfr, ~u32{0});
    for (u32 r = reg::lvt_timer; r <= reg::lvt_error; ++r)
        set(r, lvt_masked);
    if (x2apic()) {
        set(reg::id, id_);
        set(reg::ldr, (id_ / 16) << 16 | u32{1} << (id_ % 16));
    } else {
        set(reg::id, id_ << 24);
    }
    deadline_ = never;
}

bool LocalApic::write_base(u64 value) {
    constexpr u64 modes = base_enable | base_x2apic;
    if ((value & ~modes) != (base_ & ~modes))
        return false;
    u64 from = base_ & modes;
    u64 to = value & modes;
    bool legal = to == from || to == 0 || (to == base_enable && from == 0) ||
                 (to == modes && from == base_enable);
    if (!legal)
        return false;
    base_ = value;
    if (to == from)
        return true;
    if (to == modes) { // xAPIC to x2APIC keeps the rest (11.12.5.1)
        set(reg::id, id_);
        set(reg::ldr, (id_ / 16) << 16 | u32{1} << (id_ % 16));
        set(reg::icr_high, 0);
    } else {
        reset(true);
    }
    return true;
}

int LocalApic::highest(u32 first) const {
    for (u32 word = 8; word-- > 0;)
        if (u32 bits = get(first + word); bits != 0)
            return static_cast<int>(word * 32 + 31 - static_cast<u32>(std::countl_zero(bits)));
    return -1;
}

void LocalApic::set_bit(u32 first, u8 vector, bool on) {
    u32 r = first + vector / 32;
    u32 bit = u32{1} << (vector % 32);
    set(r, on ? get(r) | bit : get(r) & ~bit);
}

void LocalApic::update_ppr() {
    u32 tpr = get(reg::tpr) & 0xFF;
    int in_service = highest_in_service();
    u32 service_class = in_service < 0 ? 0 : static_cast<u32>(in_service) & 0xF0;
    set(reg::ppr, (tpr & 0xF0) >= service_class ? tpr : service_class);
}

void LocalApic::request(u8 vector, bool level) {
    if (!software_enabled() || vector < 16)
        return;
    set_bit(reg::tmr, vector, level);
    set_bit(reg::irr, vector, true);
}

bool LocalApic::delivers(int vector) const {
    if (vector < 0)
        return false;
    u32 priority = static_cast<u32>(vector) >> 4;
    int in_service = highest_in_service();
    bool above_service = in_service < 0 || priority > static_cast<u32>(in_service) >> 4;
    return above_service && priority > (get(reg::tpr) >> 4 & 0xF);
}

void LocalApic::accept(u8 vector) {
    set_bit(reg::irr, vector, false);
    set_bit(reg::isr, vector, true);
    update_ppr();
}

std::optional<u8> LocalApic::end_of_interrupt() {
    int in_service = highest_in_service();
    if (in_service < 0)
        return std::nullopt;
    auto vector = static_cast<u8>(in_service);
    set_bit(reg::isr, vector, false);
    update_ppr();
    bool level = (get(reg::tmr + vector / 32) >> (vector % 32) & 1) != 0;
    return level ? std::optional(vector) : std::nullopt;
}

std::optional<u32> LocalApic::lvt(u32 r) const {
    u32 value = get(r);
    return (value & lvt_masked) != 0 ? std::nullopt : std::optional(value);
}

bool LocalApic::matches(u32 destination, bool logical, bool x2apic_format) const {
    if (!enabled())
        return false;
    if (destination == (x2apic_format ? ~u32{0} : 0xFF))
        return true;
    if (!logical)
        return destination == id_;
    if (x2apic()) {
        u32 ldr = get(reg::ldr);
        if (!x2apic_format) // an 8-bit logical destination names APICs of cluster 0
            return ldr >> 16 == 0 && (ldr & destination & 0xFF) != 0;
        return destination >> 16 == ldr >> 16 && (destination & ldr & 0xFFFF) != 0;
    }
    u32 mine = get(reg::ldr) >> 24;
    bool flat = get(reg::dfr) >> 28 == 0xF;
    if (flat)
        return (mine & destination) != 0;
    return mine >> 4 == destination >> 4 && (mine & destination & 0xF) != 0;
}

} // namespace cloison::core
