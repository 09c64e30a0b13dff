// SPDX-License-Identifier: Apache-2.0
// Requests of 4 KiB at pseudo-random places of a disk, so many of them under way at one time, and
// what each phase of that took.
//
// The places are the same in every phase. A write leaves in each sector a word that depends on the
// place and the phase, and the reads of the next phase look for exactly those.
#pragma once

#include "tests/bench/io/guest/queue.hpp"

#include <array>
#include <linux/virtio_blk.h>

namespace cloison::bench {

inline constexpr u32 max_depth = 32, max_requests = 16384;

struct Phase {
    const char* name;
    bool write;
    u32 depth;
    u64 turn; // of the write: reads look for that of the last
};

enum class Waiting : u8 { poll, halt };

struct Outcome {
    u64 ticks = 0; // from the first request to the end of the last
    u32 kicks = 0;
    u32 halts = 0;
    u32 failed = 0;     // by their status
    u32 wrong = 0;      // data that was not what was written
    u64 turnaround = 0; // sum over requests, from offer to end, in ticks
    u32 longest = 0;
};

class Disk {
  public:
    Disk(DriverQueue& queue, u64 sectors, Waiting waiting)
        : queue_(queue),
          pages_(sectors / sectors_per_page),
          waiting_(waiting) {
        describe_slots();
    }

    Outcome run(const Phase& phase, u32 requests);

  private:
    static constexpr u32 sector_words = 512 / sizeof(u64), sectors_per_page = page_size / 512;
    static constexpr u16 chain_length = 3; // header, data, status

    struct Slot {
        virtio_blk_outhdr header;
        u8 status;
        u64 offered; // TSC
    };

    void describe_slots();
    [[nodiscard]] u64 next_place();
    void offer(u32 slot, const Phase& phase);
    void finish(u32 slot, const Phase& phase, Outcome& outcome);
    void wait(Outcome& outcome);

    DriverQueue& queue_;
    u64 pages_;
    Waiting waiting_;
    u64 random_ = 0;
    std::array<Slot, max_depth> slots_{};
};

} // namespace cloison::bench
