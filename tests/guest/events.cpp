// SPDX-License-Identifier: Apache-2.0
// What comes through the interrupt descriptor table: a probe's fault is recorded and stepped over,
// the rest is counted, and an exception that nobody expected ends the guest, saying so.
#include "firmware/x86/instructions.hpp"
#include "tests/guest/apic.hpp"
#include "tests/guest/console.hpp"
#include "tests/guest/cpu.hpp"
#include "tests/guest/guest.hpp"

namespace cloison::guest {

namespace {

struct Fixup {
    u64 from, to;
};

extern "C" {
extern const Fixup fixups_start[], fixups_end[]; // guest.ld
extern const u8 recover[];                       // entry.S
}

bool step_over(Cpu& cpu, EventFrame& frame) {
    for (const Fixup* f = fixups_start; f != fixups_end; ++f) {
        // A trap is reported behind the instruction that caused it.
        if (frame.rip != f->from && !(frame.rip == f->to && frame.number <= vector::overflow))
            continue;
        cpu.fault = {true, static_cast<u32>(frame.number), frame.error, x86::read_cr2()};
        frame.rip = f->to;
        return true;
    }
    if (cpu.recover == 0)
        return false;
    cpu.fault = {true, static_cast<u32>(frame.number), frame.error, x86::read_cr2()};
    frame.rip = reinterpret_cast<u64>(recover);
    return true;
}

[[noreturn]] void end_unexpectedly(const Cpu& cpu, const EventFrame& frame) {
    {
        Line line;
        line << "@check unexpected-exception FAILED cpu=" << cpu.id << " vector=" << frame.number
             << " error=" << Hex{frame.error} << " rip=" << Hex{frame.rip}
             << " cr2=" << Hex{x86::read_cr2()};
    }
    ++Check::failed_checks;
    finish();
}

} // namespace

extern "C" void guest_event(EventFrame& frame) {
    Cpu& cpu = this_cpu();
    if (frame.number == vector::nmi || frame.number >= vector::exceptions) {
        cpu.counts[frame.number] = cpu.counts[frame.number] + 1;
        if (cpu.on_interrupt != nullptr)
            cpu.on_interrupt(frame);
        if (frame.number >= vector::exceptions && frame.number != vector::spurious)
            apic.end_of_interrupt();
        return;
    }
    if (frame.number == vector::debug && cpu.on_step != nullptr) {
        cpu.on_step(frame);
        return;
    }
    if (!step_over(cpu, frame))
        end_unexpectedly(cpu, frame);
}

} // namespace cloison::guest
