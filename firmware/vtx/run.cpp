// SPDX-License-Identifier: Apache-2.0
// The life of a virtual CPU: events, timers, interrupts, guest, exit, and again.
#include "firmware/vtx/vcpu.hpp"

#include "firmware/x86/log.hpp"

#include <algorithm>
#include <asm/processor-flags.h>

extern "C" {
cloison::u32 vm_enter(cloison::u64* registers, const cloison::u32* events, cloison::u32 launched);
void wait_for_event(const cloison::u32* events);
cloison::u32 wait_for_interrupt(const cloison::u32* events);
void allow_nmi();
}

namespace cloison::vtx {

namespace event_bit = core::event;

namespace {

/// The event word as assembly code reads it.
const u32* word(const std::atomic<u32>& events) {
    static_assert(sizeof(events) == sizeof(u32));
    return reinterpret_cast<const u32*>(&events);
}

/// How long a halted CPU listens for its server, in ticks: more than the server takes to read from
/// a file in memory, less than a timer's period. At 3 GHz 20 us.
constexpr u64 listening_ticks = 60'000;

enum EnterResult : u32 { exited = 0, event_pending = 1, failed = 2 };

} // namespace

void Vcpu::run() {
    for (;;) {
        if (events.load(std::memory_order_acquire) != 0 && !handle_events())
            return;
        if (waits_for_startup) {
            allow_nmi();
            wait_for_event(word(events));
            continue;
        }
        service_timers();
        prepare_interrupts();
        if (halted_) {
            if (!wakes_) {
                wait_halted();
                continue;
            }
            halted_ = false;
            listens_ =
                guest_.partition.is_served() && x86::rdtsc() - halted_since_ < listening_ticks;
        }
        arm_timer();
        switch (vm_enter(registers_.gpr, word(events), launched_)) {
        case event_pending:
            continue;
        case failed:
            entry_failed(vmread32(Field::instruction_error));
            continue;
        default:
            break;
        }
        launched_ = true;
        ++exits;
        handle_exit(vmread32(Field::exit_reason));
    }
}

/// Takes what others left. False: the partition stops.
bool Vcpu::handle_events() {
    u32 bits = events.exchange(0, std::memory_order_seq_cst);
    if ((bits & event_bit::stop) != 0)
        return false;
    if ((bits & event_bit::init) != 0) {
        if (apic.id() ==
            0) { // no BIOS to start over with: a boot CPU's INIT ends this run of the partition
            guest_.partition.stop(core::StopReason::init_boot_cpu);
            return true;
        }
        apic.reset(true);
        posted.clear();
        msrs.reset();
        waits_for_startup = true;
        halted_ = false;
    }
    if ((bits & event_bit::startup) != 0 && waits_for_startup) {
        waits_for_startup = false;
        start_real_mode(startup_vector.load(std::memory_order_acquire));
    }
    if ((bits & event_bit::nmi) != 0 && !waits_for_startup)
        nmi_pending_ = true;
    if ((bits & event_bit::interrupt) != 0) {
        bool level_seen = false;
        posted.take([&](u8 vector, bool level) {
            apic.request(vector, level);
            level_seen |= level;
        });
        if (level_seen && guest_.virtual_apic)
            for (u32 i = 0; i < 4; ++i)
                vmwrite(at(Field::eoi_exit_bitmap0, i),
                        apic.page()[(core::apic_reg::tmr + 2 * i) * 4] |
                            u64{apic.page()[(core::apic_reg::tmr + 2 * i + 1) * 4]} << 32);
    }
    look_at_interrupts_ = true;
    return true;
}

/// When this CPU next has to run a timer: its own, its console's, the devices' on the boot CPU.
u64 Vcpu::next_deadline() const {
    u64 soonest = std::min(apic.deadline(), console_deadline_);
    return apic.id() == 0 ? std::min(soonest, guest_.partition.deadline()) : soonest;
}

void Vcpu::service_timers() {
    u64 soonest = next_deadline();
    if (soonest == core::LocalApic::never)
        return;
    u64 now = x86::rdtsc();
    if (now < soonest)
        return;
    if (now >= apic.deadline()) {
        apic.run_timer(now);
        look_at_interrupts_ = true;
    }
    if (apic.id() == 0 && now >= guest_.partition.deadline())
        guest_.partition.run_timers(*this);
    if (now >= console_deadline_)
        console_deadline_ =
            guest_.pump_console(*this) ? core::LocalApic::never : now + guest_.console_burst;
}

void Vcpu::arm_timer() {
    u64 soonest = next_deadline();
    u32 value = ~u32{0};
    if (soonest != core::LocalApic::never) {
        u64 now = x86::rdtsc();
        // The timer counts whenever TSC bit `rate` changes; one more makes sure it is not early.
        u64 count = soonest <= now ? 0 : ((soonest - now) >> capabilities_.preemption_rate) + 1;
        value = static_cast<u32>(std::min<u64>(count, value));
    }
    if (value != timer_value_) {
        timer_value_ = value;
        vmwrite(Field::preemption_timer, value);
    }
}

/// Looks at the server's bells until there is something in them, an event, or the time is over. The
/// server need not ring in between, and nobody has to be woken up.
void Vcpu::listen(u64 until) {
    guest_.partition.listen();
    while (!guest_.partition.has_bells() && events.load(std::memory_order_acquire) == 0 &&
           x86::rdtsc() < until)
        x86::pause();
    guest_.partition.stop_listening();
    if (guest_.partition.has_bells())
        guest_.partition.hear_bells(*this);
}

/// Sleeps until there is an event, an interrupt of the machine's, or a deadline. So the guest's
/// wake-up costs no exit beyond that of its HLT.
void Vcpu::wait_halted() {
    u64 soonest = next_deadline();
    u64 until = std::min(soonest, halted_since_ + listening_ticks);
    if (listens_ && x86::rdtsc() < until) {
        listen(until);
        return;
    }
    bool timed = soonest != core::LocalApic::never;
    if (timed)
        x86::apic.arm_timer(std::max<u64>(soonest, 1)); // 0 would be: never. What is past is now
    u32 vector = wait_for_interrupt(word(events));
    if (timed && vector != x86::timer_vector)
        x86::apic.arm_timer(0);
    if (vector != 0)
        handle_interrupt(static_cast<u8>(vector));
}

bool Vcpu::interruptible() const {
    return (vmread(Field::guest_rflags) & X86_EFLAGS_IF) != 0 &&
           (vmread(Field::guest_interruptibility) & (blocking::by_sti | blocking::by_mov_ss)) ==
               0 &&
           (vmread(Field::entry_interruption_info) & event::valid) == 0;
}

void Vcpu::set_processor_control(u32 bits, bool on) {
    u32 wanted = on ? processor_controls_ | bits : processor_controls_ & ~bits;
    if (wanted == processor_controls_)
        return;
    processor_controls_ = wanted;
    vmwrite(Field::processor_controls, wanted);
}

/// Has the guest take, at this entry, what it can take.
void Vcpu::prepare_interrupts() {
    if (!look_at_interrupts_)
        return;
    look_at_interrupts_ = wakes_ = false;
    set_processor_control(proc::interrupt_window_exiting | proc::nmi_window_exiting, false);
    if (nmi_pending_)
        inject_nmi();
    if (guest_.virtual_apic) {
        int requested = apic.highest_requested();
        u64 status = vmread(Field::guest_interrupt_status);
        vmwrite(Field::guest_interrupt_status,
                (status & 0xFF00) | static_cast<u32>(requested < 0 ? 0 : requested));
        wakes_ = apic.delivers(requested) && interruptible();
        // Bochs 2.7 does not wake a guest that is entered in HLT for a virtual interrupt; hardware
        // does.
        if (wakes_)
            vmwrite(Field::guest_activity, static_cast<u32>(Activity::active));
    } else {
        prepare_trapped_interrupt();
    }
    if (apic.id() == 0 && guest_.partition.external_interrupt())
        prepare_external_interrupt();
    wakes_ = wakes_ || (vmread(Field::entry_interruption_info) & event::valid) != 0;
}

void Vcpu::inject_nmi() {
    constexpr u32 blocked = blocking::by_nmi | blocking::by_mov_ss | blocking::by_sti;
    bool can = (vmread(Field::guest_interruptibility) & blocked) == 0 &&
               (vmread(Field::entry_interruption_info) & event::valid) == 0;
    if (can) {
        nmi_pending_ = false;
        inject(event::nmi | 2);
    } else {
        set_processor_control(proc::nmi_window_exiting, true);
    }
}

/// Without virtual-interrupt delivery the firmware is the local APIC.
void Vcpu::prepare_trapped_interrupt() {
    int vector = apic.deliverable();
    if (vector < 0)
        return;
    if (!interruptible()) {
        set_processor_control(proc::interrupt_window_exiting, true);
        return;
    }
    apic.accept(static_cast<u8>(vector));
    inject(event::external_interrupt | static_cast<u32>(vector));
    if (apic.deliverable() >= 0)
        set_processor_control(proc::interrupt_window_exiting, true);
}

/// The 8259s' interrupt comes through LINT0 in ExtINT mode, or straight when the APIC is off.
void Vcpu::prepare_external_interrupt() {
    if (apic.enabled()) {
        auto entry = apic.lvt(core::apic_reg::lvt_lint0);
        if (!entry || static_cast<core::Delivery>(*entry >> 8 & 7) != core::Delivery::external)
            return;
    }
    if (!interruptible()) {
        set_processor_control(proc::interrupt_window_exiting, true);
        return;
    }
    inject(event::external_interrupt | guest_.partition.acknowledge_external(*this));
}

} // namespace cloison::vtx
