// SPDX-License-Identifier: Apache-2.0
#include "firmware/vtx/processor.hpp"

#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/vtx/console_input.hpp"
#include "firmware/vtx/report.hpp"
#include "firmware/vtx/server.hpp"
#include "firmware/x86/clock.hpp"
#include "firmware/x86/log.hpp"

#include <asm/processor-flags.h>
#include <cstring>

extern "C" {
extern const cloison::u8 ap_trampoline[], ap_trampoline_end[];
extern cloison::u64 ap_stack;
[[noreturn]] void processor_main(cloison::vtx::Processor& processor);
}

namespace cloison::vtx {

namespace msr = core::msr;

namespace {

constexpr u32 state_online = 1, state_unfit = 2;
constexpr u8 trampoline_page = 8; // conventional memory, which no partition is given

constinit std::atomic<bool> released{false};
constinit std::atomic<u32> partitions_running{0};
constinit std::atomic<u32> partitions_started{0}; // those that could not be loaded included

} // namespace

bool Processor::start(u64 tsc_hz) {
    // The word on top of the stack is what ap_start.S passes to processor_main.
    auto* top = reinterpret_cast<u64*>(stack_ + sizeof stack_ - 16);
    *top = reinterpret_cast<u64>(this);
    ap_stack = reinterpret_cast<u64>(top);
    std::memcpy(reinterpret_cast<void*>(u64{trampoline_page} * page_size), ap_trampoline,
                static_cast<usize>(ap_trampoline_end - ap_trampoline));
    // INIT, then one or two SIPIs (SDM vol. 3A, 9.4.4.1); CPUs of this century need no 10 ms in
    // between.
    x86::apic.send_init(vcpu_.host_apic_id);
    x86::wait_us(200, tsc_hz);
    for (int attempt = 0; attempt < 2; ++attempt) {
        x86::apic.send_startup(vcpu_.host_apic_id, trampoline_page);
        for (int i = 0; i < 1000 && state_.load(std::memory_order_acquire) == 0; ++i)
            x86::wait_us(10, tsc_hz);
        if (state_.load(std::memory_order_acquire) != 0)
            break;
    }
    return state_.load(std::memory_order_acquire) == state_online;
}

bool Processor::initialise() {
    descriptors_.load();
    x86::apic.initialise();
    bool fit = enter_vmx();
    state_.store(fit ? state_online : state_unfit, std::memory_order_release);
    return fit;
}

bool Processor::enter_vmx() {
    constexpr u32 cpuid_xsave = 1 << 26;
    Capabilities mine;
    if (read_capabilities(mine) != 0 || mine != vcpu_.capabilities())
        return false;
    x86::write_cr0(x86::read_cr0() | mine.cr0_fixed0);
    u64 osxsave = (x86::cpuid(1).ecx & cpuid_xsave) != 0 ? X86_CR4_OSXSAVE : 0;
    x86::write_cr4(x86::read_cr4() | mine.cr4_fixed0 | X86_CR4_VMXE | osxsave);
    std::memcpy(vmxon_region_, &mine.revision, sizeof mine.revision);
    auto address = reinterpret_cast<u64>(vmxon_region_);
    bool failed;
    asm volatile("vmxon %1" : "=@ccbe"(failed) : "m"(address) : "memory");
    return !failed;
}

/// Loads the guest once all partitions of lower activation have started. To count is enough: one of
/// the same or higher activation is counted only after it has waited for them as well.
void Processor::start_guest() {
    while (partitions_started.load(std::memory_order_acquire) < vcpu_.guest().predecessors)
        x86::pause();
    load_guest();
    if (vcpu_.guest().life.load(std::memory_order_relaxed) == 0)
        partitions_started.fetch_add(1, std::memory_order_release);
}

/// Zeroes the partition's memory and puts the guest into it.
void Processor::load_guest() {
    Guest& guest = vcpu_.guest();
    while (!guest.partition.settled()) // what a server still writes must not be somebody else's
        x86::pause();
    u64 begin = x86::rdtsc();
    guest.scrub();
    u64 scrubbed = x86::rdtsc();
    auto entry = guest.load();
    u64 loaded = x86::rdtsc();
    if (!entry) {
        guest.partition.stop(core::StopReason::load_failure);
        return;
    }
    vcpu_.start_linux(*entry);
    x86::LogLine line;
    line << "@started name=" << guest.record.name << " tsc=" << x86::rdtsc()
         << " scrub=" << scrubbed - begin << " load=" << loaded - scrubbed;
}

void Processor::run() {
    while (!released.load(std::memory_order_acquire))
        x86::pause();
    std::atomic<u32>& life = vcpu_.guest().life;
    for (u32 mine = life.load(std::memory_order_acquire); mine != Guest::over;) {
        run_once();
        // Whoever is last has decided how it goes on.
        u32 now;
        while ((now = life.load(std::memory_order_acquire)) == mine)
            x86::pause();
        mine = now;
    }
}

void Processor::run_once() {
    vcpu_.initialise(descriptors_);
    if (vcpu_.id() == 0)
        start_guest();
    else
        vcpu_.start_waiting();
    vcpu_.run();
    if (vcpu_.guest().partition.parked())
        finish();
}

/// Whether the partition's failure policy starts it again. A guest that turns itself off stays off.
bool Processor::to_be_started_anew() const {
    const Guest& guest = vcpu_.guest();
    bool policy = guest.record.failure_policy == static_cast<u32>(abi::FailurePolicy::reset);
    return policy && guest.partition.reason() != core::StopReason::power_off &&
           guest.partition.reason() != core::StopReason::load_failure;
}

/// The last CPU to leave the guest says so, and begins the next life, if there is one.
void Processor::finish() {
    Guest& guest = vcpu_.guest();
    guest.flush_console(vcpu_);
    if (guest.server != nullptr)
        guest.server->quiesce();
    report_stopped(guest);
    if (to_be_started_anew()) {
        if (guest.server != nullptr)
            guest.server->reset();
        guest.partition.restart(vcpu_);
        guest.life.fetch_add(1, std::memory_order_release);
        return;
    }
    guest.life.store(Guest::over, std::memory_order_release);
    if (partitions_running.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        x86::LogLine line;
        line << "@halt";
    } else {
        console_input.route();
    }
}

void release_processors(u32 running) {
    partitions_running.store(running, std::memory_order_relaxed);
    released.store(true, std::memory_order_release);
}

} // namespace cloison::vtx

void processor_main(cloison::vtx::Processor& processor) {
    if (processor.initialise())
        processor.run();
    cloison::x86::halt_forever();
}
