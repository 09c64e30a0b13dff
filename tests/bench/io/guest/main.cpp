// SPDX-License-Identifier: Apache-2.0
// The bench guest: what a request to a virtio disk takes. Words on its command line:
//   requests=N        of each phase, 1024 where it is not given
//   wait=halt|poll    how it waits for the device; both, one after the other, where it is not given
//
// For each phase it prints
//   @bench name=read4k depth=1 wait=halt requests=N ticks=T guest-ticks=G kicks=K interrupts=I
//   halts=H
//          turnaround=T longest=T
// where guest-ticks is what the same code takes, for the same requests, with a device that has
// everything done at once, and its interrupts: what the guest itself executes. All ticks are of all
// requests but `turnaround`, from offer to end, which is of one, and `longest`.
//
// Around each phase it writes to the POST port: an observer outside may read its own counters then.
#include "tests/bench/io/guest/device.hpp"
#include "tests/bench/io/guest/disk.hpp"

#include "firmware/abi/guest_map.hpp"
#include "firmware/abi/virtio_function.hpp"
#include "firmware/x86/instructions.hpp"
#include "tests/guest/apic.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/console.hpp"
#include "tests/guest/cpu.hpp"
#include "tests/guest/guest.hpp"

#include <algorithm>
#include <asm/kvm_para.h>
#include <linux/virtio_ids.h>

namespace cloison::bench {

using namespace guest;

namespace {

QueueMemory device_memory, ready_memory;

std::string_view name_of(Waiting waiting) {
    return waiting == Waiting::halt ? "halt" : "poll";
}

/// For the observer: the phase's number, odd where it begins, even where it ends.
void mark(u32 number) {
    x86::out8(guest_map::post_code, static_cast<u8>(number));
}

/// What an interrupt costs the guest, less the write of the end of interrupt: that of the spurious
/// vector has none.
u64 interrupt_cost() {
    constexpr u32 turns = 256;
    u64 begin = x86::rdtsc();
    for (u32 i = 0; i < turns; ++i)
        asm volatile("int %0" : : "i"(vector::spurious) : "memory");
    return (x86::rdtsc() - begin) / turns;
}

/// The phase on a device that is always ready. Heads come back in the order in which they go.
u64 guest_ticks(const Phase& phase, u32 requests, u64 sectors) {
    ready_memory = {};
    for (u32 i = 0; i < QueueMemory::size; ++i)
        ready_memory.used.ring[i].id = (i % phase.depth) * 3;
    DriverQueue queue(ready_memory, Doorbell(ready_memory));
    Disk disk(queue, sectors, Waiting::poll);
    return disk.run(phase, requests).ticks;
}

void measure(const Phase& phase, u32 number, Disk& disk, u32 requests, u64 sectors,
             Waiting waiting) {
    volatile u32& interrupts = this_cpu().counts[io_vector];
    u32 before = interrupts;
    mark(2 * number + 1);
    Outcome outcome = disk.run(phase, requests);
    mark(2 * number + 2);
    u32 taken = interrupts - before;
    u64 own = guest_ticks(phase, requests, sectors) + taken * interrupt_cost();
    {
        Line line;
        line << "@bench name=" << phase.name << " depth=" << phase.depth
             << " wait=" << name_of(waiting) << " requests=" << requests
             << " ticks=" << outcome.ticks << " guest-ticks=" << own << " kicks=" << outcome.kicks
             << " interrupts=" << taken << " halts=" << outcome.halts
             << " turnaround=" << outcome.turnaround / requests << " longest=" << outcome.longest;
    }
    Check check(phase.name);
    check.expect_equal(outcome.failed, 0, "status", phase.depth);
    check.expect_equal(outcome.wrong, 0, "data", phase.depth);
}

void run(VirtioDevice& device) {
    u64 doorbell = device.start_queue(0, device_memory);
    device.driver_ok();
    u64 sectors = device.config<virtio_blk_config>()->capacity;
    {
        Check check("device");
        check.expect(doorbell != 0, "queue");
        check.expect(sectors >= page_size / 512, "capacity", 0, sectors);
        if (!check.ok())
            return;
    }
    auto wished = static_cast<u32>(number_option("requests"));
    u32 requests = wished == 0 ? 1024 : std::min(wished, max_requests);
    DriverQueue queue(device_memory, Doorbell(doorbell));
    // A back end may have to find room for what is written, and a hypervisor for what is touched.
    constexpr Phase warm_up{"warm-up", true, max_depth, 1};
    Disk(queue, sectors, Waiting::poll).run(warm_up, requests);
    (void)guest_ticks(warm_up, requests, sectors);
    u32 number = 0;
    for (Waiting waiting : {Waiting::halt, Waiting::poll}) {
        if (!option("wait").empty() && option("wait") != name_of(waiting))
            continue;
        Disk disk(queue, sectors, waiting);
        for (u32 depth : {1u, max_depth}) {
            u64 turn = 2 + number; // all of them differ
            measure({"write4k", true, depth, turn}, number++, disk, requests, sectors, waiting);
            measure({"read4k", false, depth, turn}, number++, disk, requests, sectors, waiting);
        }
    }
}

u32 interrupt_ended; // bit 0: KVM's

/// Makes the end of an interrupt as cheap as Linux makes it: no access to memory that is emulated
/// and, under KVM, none at all where it does not matter.
void set_up_apic() {
    constexpr u32 has_x2apic = 1 << 21, has_hypervisor = 1u << 31; // CPUID leaf 1, ECX
    u32 features = x86::cpuid(1).ecx;
    if ((features & has_x2apic) != 0)
        apic.enter_x2apic();
    constexpr u32 kvm = 0x4B4D564B; // "KVMK", of its signature
    if ((features & has_hypervisor) == 0 || x86::cpuid(KVM_CPUID_SIGNATURE).ebx != kvm ||
        (x86::cpuid(KVM_CPUID_FEATURES).eax & 1 << KVM_FEATURE_PV_EOI) == 0)
        return;
    apic.elide_end_of_interrupt(interrupt_ended);
    x86::wrmsr(MSR_KVM_PV_EOI_EN, reinterpret_cast<u64>(&interrupt_ended) | KVM_MSR_ENABLED);
}

} // namespace

} // namespace cloison::bench

void cloison::guest::guest_main() {
    using namespace cloison;
    Check check("start");
    bench::set_up_apic();
    auto function = bench::find_virtio(VIRTIO_ID_BLOCK);
    check.expect(function.has_value(), "disk");
    if (!function)
        return;
    bench::VirtioDevice device(*function);
    constexpr u64 needed =
        abi::feature_bit(VIRTIO_F_VERSION_1) | abi::feature_bit(VIRTIO_RING_F_EVENT_IDX);
    bool negotiated = device.negotiate(needed, 0);
    check.expect(negotiated, "features");
    if (negotiated)
        bench::run(device);
}
