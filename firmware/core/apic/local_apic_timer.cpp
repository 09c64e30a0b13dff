// SPDX-License-Identifier: Apache-2.0
// The local APIC's timer: one-shot, periodic, or at a TSC deadline (SDM vol. 3A, 11.5.4).
#include "firmware/core/apic/local_apic.hpp"

namespace cloison::core {

namespace reg = apic_reg;

u32 LocalApic::divide_shift() const {
    u32 value = get(reg::divide);
    u32 code = (value & 3) | (value >> 1 & 4); // bits 0, 1 and 3; 7 means divide by 1 (11.5.4)
    return (code + 1) & 7;
}

u32 LocalApic::current_count(u64 now) const {
    if (deadline_ == never || timer_mode() == timer_deadline || now >= deadline_)
        return 0;
    return static_cast<u32>((deadline_ - now) >> divide_shift());
}

void LocalApic::start_count(u64 now) {
    u64 initial = get(reg::initial_count);
    bool counts = initial != 0 && timer_mode() != timer_deadline;
    deadline_ = counts ? now + (initial << divide_shift()) : never;
}

void LocalApic::run_timer(u64 now) {
    if (now < deadline_)
        return;
    if (timer_mode() == timer_periodic) {
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
    return timer_mode() == timer_deadline && deadline_ != never ? deadline_ : 0;
}

void LocalApic::write_tsc_deadline(u64 value) {
    if (timer_mode() == timer_deadline)
        deadline_ = value == 0 ? never : value;
}

} // namespace cloison::core
