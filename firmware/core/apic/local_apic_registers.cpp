// SPDX-License-Identifier: Apache-2.0
// What reads and writes of the local APIC's registers do, in xAPIC and x2APIC mode (SDM vol.
// 3A, 11.4 and 11.12).
#include "firmware/core/apic/local_apic.hpp"

namespace cloison::core {

namespace reg = apic_reg;

namespace {

bool is_lvt(u32 r) {
    return r >= reg::lvt_timer && r <= reg::lvt_error;
}

} // namespace

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
    if (r == reg::lvt_timer && (before == timer_deadline) != (timer_mode() == timer_deadline))
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
        if (timer_mode() != timer_deadline) {
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
