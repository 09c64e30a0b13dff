// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/apic/local_apic.hpp"

#include <bit>

namespace cloison::core {

namespace reg = apic_reg;

namespace {

constexpr u32 lvt_masked = 1 << 16;
constexpr u32 version =
    0x14 | 5 << 16; // integrated APIC, 6 LVT entries, no EOI-broadcast suppression
constexpr u32 mode_periodic = 1, mode_deadline = 2;

bool is_lvt(u32 r) {
    return r >= reg::lvt_timer && r <= reg::lvt_error;
}

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

int LocalApic::deliverable() const {
    int vector = highest_requested();
    if (vector < 0)
        return -1;
    u32 priority = static_cast<u32>(vector) >> 4;
    int in_service = highest_in_service();
    bool above_service = in_service < 0 || priority > static_cast<u32>(in_service) >> 4;
    return above_service && priority > (get(reg::tpr) >> 4 & 0xF) ? vector : -1;
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

u32 LocalApic::divide_shift() const {
    u32 value = get(reg::divide);
    u32 code = (value & 3) | (value >> 1 & 4); // bits 0, 1 and 3; 7 means divide by 1 (11.5.4)
    return (code + 1) & 7;
}

u32 LocalApic::current_count(u64 now) const {
    if (deadline_ == never || timer_mode() == mode_deadline || now >= deadline_)
        return 0;
    return static_cast<u32>((deadline_ - now) >> divide_shift());
}

void LocalApic::start_count(u64 now) {
    u64 initial = get(reg::initial_count);
    bool counts = initial != 0 && timer_mode() != mode_deadline;
    deadline_ = counts ? now + (initial << divide_shift()) : never;
}

void LocalApic::run_timer(u64 now) {
    if (now < deadline_)
        return;
    if (timer_mode() == mode_periodic) {
        // Periods that were missed altogether are one interrupt, as on hardware with a pending one.
        u64 period = u64{get(reg::initial_count)} << divide_shift();
        deadline_ += ((now - deadline_) / period + 1) * period;
    } else {
        deadline_ = never;
    }
    if (auto entry = lvt(reg::lvt_timer))
        request(static_cast<u8>(*entry), false);
}

u64 LocalApic::tsc_deadline() const {
    return timer_mode() == mode_deadline && deadline_ != never ? deadline_ : 0;
}

void LocalApic::write_tsc_deadline(u64 value) {
    if (timer_mode() == mode_deadline)
        deadline_ = value == 0 ? never : value;
}

void LocalApic::write_lvt(u32 r, u32 value) {
    u32 before = timer_mode();
    u32 writable = r == reg::lvt_timer         ? 0x700FF
                   : r == reg::lvt_error       ? 0x100FF
                   : r <= reg::lvt_performance ? 0x107FF
                                               : 0x1A7FF;
    value &= writable;
    if (!software_enabled())
        value |= lvt_masked; // 11.4.7.2
    set(r, value);
    // Changing to or from TSC-deadline mode disarms the timer (11.5.4.1).
    if (r == reg::lvt_timer && (before == mode_deadline) != (timer_mode() == mode_deadline))
        deadline_ = never;
}

std::optional<u64> LocalApic::read(u32 r, u64 now) const {
    switch (r) {
    case reg::id:
    case reg::version:
    case reg::tpr:
    case reg::ppr:
    case reg::ldr:
    case reg::svr:
    case reg::esr:
    case reg::initial_count:
    case reg::divide:
        return get(r);
    case reg::current_count:
        return current_count(now);
    case reg::dfr:
        return x2apic() ? std::nullopt : std::optional<u64>(get(r));
    case reg::icr:
        return x2apic() ? u64{get(reg::icr_high)} << 32 | get(reg::icr) : u64{get(reg::icr)};
    case reg::icr_high:
        return x2apic() ? std::nullopt : std::optional<u64>(get(r));
    default:
        if ((r >= reg::isr && r < reg::esr) || is_lvt(r))
            return get(r);
        return std::nullopt;
    }
}

std::optional<ApicEffect> LocalApic::write(u32 r, u64 value, u64 now) {
    auto low = static_cast<u32>(value);
    // In x2APIC mode bits 63:32 are reserved everywhere but in the ICR (11.12.1.2).
    if (x2apic() && r != reg::icr && value >> 32 != 0)
        return std::nullopt;
    ApicEffect effect;
    switch (r) {
    case reg::tpr:
        set(r, low & 0xFF);
        update_ppr();
        break;
    case reg::eoi:
        if (x2apic() && value != 0)
            return std::nullopt;
        if (auto vector = end_of_interrupt())
            effect = {ApicEffect::Kind::end_of_interrupt, *vector, 0};
        break;
    case reg::ldr:
        if (x2apic())
            return std::nullopt;
        set(r, low & 0xFF000000);
        break;
    case reg::dfr:
        if (x2apic())
            return std::nullopt;
        set(r, low | 0x0FFFFFFF);
        break;
    case reg::svr:
        set(r, low & 0x1FF);
        if (!software_enabled())
            for (u32 l = reg::lvt_timer; l <= reg::lvt_error; ++l)
                set(l, get(l) | lvt_masked);
        break;
    case reg::esr:
        if (x2apic() && value != 0)
            return std::nullopt;
        set(r, 0);
        break;
    case reg::icr_high:
        if (x2apic())
            return std::nullopt;
        set(r, low & 0xFF000000);
        break;
    case reg::icr:
        set(r, low & 0xCCFFF);
        if (x2apic())
            set(reg::icr_high, static_cast<u32>(value >> 32));
        effect = {ApicEffect::Kind::ipi, 0,
                  (x2apic() ? value & ~u64{~u32{0}} : u64{get(reg::icr_high)} << 32) | get(r)};
        break;
    case reg::initial_count:
        if (timer_mode() != mode_deadline) {
            set(r, low);
            start_count(now);
        }
        break;
    case reg::divide: {
        u32 left = current_count(now);
        set(r, low & 0xB);
        if (left != 0)
            deadline_ = now + (u64{left} << divide_shift());
        break;
    }
    case reg::self_ipi:
        if (!x2apic() || value > 0xFF)
            return std::nullopt;
        request(static_cast<u8>(value), false);
        break;
    default:
        if (!is_lvt(r))
            return std::nullopt;
        write_lvt(r, low);
        break;
    }
    return effect;
}

} // namespace cloison::core
