// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/io/guest/disk.hpp"

#include "firmware/x86/instructions.hpp"

#include <algorithm>

namespace cloison::bench {

namespace {

constexpr u64 seed = 0x2545'F491'4F6C'DD1D;

struct alignas(page_size) Buffer {
    volatile u64 words[page_size / sizeof(u64)];
};
Buffer buffers[max_depth];

u64 contents(u64 sector, u64 turn) {
    return (sector + 1) * 0x9E37'79B9'7F4A'7C15 + turn;
}

u64 address_of(const volatile void* object) {
    return reinterpret_cast<u64>(object);
}

} // namespace

/// A chain of three descriptors for each slot; only the direction of the data changes later.
void Disk::describe_slots() {
    for (u32 i = 0; i < max_depth; ++i) {
        vring_desc* chain = queue_.memory().descriptors + i * chain_length;
        auto first = static_cast<u16>(i * chain_length);
        chain[0] = {address_of(&slots_[i].header), sizeof(virtio_blk_outhdr), VRING_DESC_F_NEXT,
                    static_cast<u16>(first + 1)};
        chain[1] = {address_of(&buffers[i]), page_size, VRING_DESC_F_NEXT,
                    static_cast<u16>(first + 2)};
        chain[2] = {address_of(&slots_[i].status), 1, VRING_DESC_F_WRITE, 0};
    }
}

/// Xorshift (Marsaglia, 2003).
u64 Disk::next_place() {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return (random_ % pages_) * sectors_per_page;
}

void Disk::offer(u32 index, const Phase& phase) {
    Slot& slot = slots_[index];
    slot.header.type = phase.write ? VIRTIO_BLK_T_OUT : VIRTIO_BLK_T_IN;
    slot.header.sector = next_place();
    std::atomic_ref(slot.status).store(0xFF, std::memory_order_relaxed);
    for (u64 i = 0; i < sectors_per_page; ++i)
        buffers[index].words[i * sector_words] =
            phase.write ? contents(slot.header.sector + i, phase.turn) : 0;
    queue_.memory().descriptors[index * chain_length + 1].flags =
        static_cast<u16>(VRING_DESC_F_NEXT | (phase.write ? 0 : VRING_DESC_F_WRITE));
    slot.offered = x86::rdtsc();
    queue_.offer(static_cast<u16>(index * chain_length));
}

void Disk::finish(u32 index, const Phase& phase, Outcome& outcome) {
    Slot& slot = slots_[index];
    auto turnaround = static_cast<u32>(x86::rdtsc() - slot.offered);
    outcome.turnaround += turnaround;
    outcome.longest = std::max(outcome.longest, turnaround);
    u8 status = std::atomic_ref(slot.status).load(std::memory_order_relaxed);
    outcome.failed += status != VIRTIO_BLK_S_OK ? 1 : 0;
    bool wrong = false;
    for (u64 i = 0; i < sectors_per_page; ++i)
        wrong |=
            buffers[index].words[i * sector_words] != contents(slot.header.sector + i, phase.turn);
    outcome.wrong += wrong ? 1 : 0;
}

void Disk::wait(Outcome& outcome) {
    if (waiting_ == Waiting::poll) {
        while (!queue_.has_used())
            x86::pause();
        return;
    }
    queue_.want_interrupt();
    while (!queue_.has_used()) {
        ++outcome.halts;
        asm volatile("sti; hlt; cli" : : : "memory");
    }
}

Outcome Disk::run(const Phase& phase, u32 requests) {
    Outcome outcome;
    random_ = seed;
    queue_.want_no_interrupt();
    u64 begin = x86::rdtsc();
    u32 offered = 0;
    for (; offered < std::min(phase.depth, requests); ++offered)
        offer(offered, phase);
    outcome.kicks += queue_.publish() ? 1 : 0;
    for (u32 finished = 0; finished < requests;) {
        wait(outcome);
        for (; queue_.has_used(); ++finished) {
            u32 slot = queue_.take_used() / chain_length;
            finish(slot, phase, outcome);
            if (offered < requests) {
                offer(slot, phase);
                ++offered;
            }
        }
        outcome.kicks += queue_.publish() ? 1 : 0;
    }
    outcome.ticks = x86::rdtsc() - begin;
    return outcome;
}

} // namespace cloison::bench
