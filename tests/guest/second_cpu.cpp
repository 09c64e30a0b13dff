// SPDX-License-Identifier: Apache-2.0
#include "tests/guest/second_cpu.hpp"

#include "firmware/x86/instructions.hpp"
#include "tests/guest/apic.hpp"
#include "tests/guest/cpu.hpp"
#include "tests/guest/guest.hpp"
#include "tests/guest/paging.hpp"

#include <cstring>

extern "C" {
extern const cloison::u8 trampoline[], trampoline_cr3[], trampoline_end[];
[[noreturn]] void second_cpu_start();
}

namespace cloison::guest {

constinit SecondCpu second_cpu;

namespace {
constexpr u32 second_id = 1;
constexpr u32 trampoline_page = 8; // entry.S knows it; behind the boot loader's page tables
} // namespace

template <typename F>
bool SecondCpu::wait_until(F&& condition, u64 ticks) {
    for (u64 begin = x86::rdtsc(); !condition();) {
        if (x86::rdtsc() - begin > ticks)
            return false;
        x86::pause();
    }
    return true;
}

bool SecondCpu::start(u64 ticks) {
    apic.send(second_id, icr::mode(Delivery::init) | icr::assert_level | icr::level_trigger);
    return start_after_init(ticks);
}

bool SecondCpu::start_after_init(u64 ticks) {
    auto* page = reinterpret_cast<u8*>(u64{trampoline_page} * page_size);
    auto root = static_cast<u32>(page_table_root());
    std::memcpy(page, trampoline, static_cast<usize>(trampoline_end - trampoline));
    std::memcpy(page + (trampoline_cr3 - trampoline), &root, sizeof root);
    job_ = nullptr;
    u32 before = starts_;
    wait_ticks(20'000);
    apic.send(second_id, icr::mode(Delivery::startup) | icr::assert_level | trampoline_page);
    return wait_until([&] { return starts_ != before; }, ticks);
}

void SecondCpu::begin(void (*job)()) {
    job_ = job;
}

bool SecondCpu::run(void (*job)(), u64 ticks) {
    begin(job);
    return idle(ticks);
}

bool SecondCpu::idle(u64 ticks) const {
    return wait_until([&] { return job_ == nullptr; }, ticks);
}

bool SecondCpu::alive(u64 ticks) const {
    u64 before = heartbeat_;
    return wait_until([&] { return heartbeat_ > before + 1; }, ticks);
}

void SecondCpu::loop() {
    initialise_cpu(second_id);
    apic.initialise();
    starts_ = starts_ + 1;
    asm volatile("sti");
    for (;;) {
        heartbeat_ = heartbeat_ + 1;
        if (auto job = job_; job != nullptr) {
            job();
            job_ = nullptr;
        }
        x86::pause();
    }
}

} // namespace cloison::guest

void second_cpu_start() {
    cloison::guest::second_cpu.loop();
}
