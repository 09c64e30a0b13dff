// SPDX-License-Identifier: Apache-2.0
// What one CPU leaves for another: interrupts and wishes, without locks.
#pragma once

#include "firmware/abi/types.hpp"

#include <array>
#include <atomic>

namespace cloison::core {

/// Bits of a virtual CPU's event word. A CPU looks at the word last before it enters the guest.
namespace event {
inline constexpr u32 interrupt = 1 << 0; // posted interrupts wait
inline constexpr u32 init = 1 << 1;      // INIT
inline constexpr u32 startup = 1 << 2;   // SIPI, vector in startup_vector
inline constexpr u32 nmi = 1 << 3;       // NMI for the guest
inline constexpr u32 stop = 1 << 4;      // leave the guest for good
inline constexpr u32 attention = 1 << 5; // deadlines or device lines changed: look again
} // namespace event

/// Interrupts requested of a virtual CPU by others, as in the posted-interrupt descriptor (SDM vol.
/// 3C, 30.6): senders set bits, the owner takes them all at once.
class PostedInterrupts {
  public:
    void post(u8 vector, bool level) {
        u64 bit = u64{1} << (vector % 64);
        if (level)
            level_[vector / 64].fetch_or(bit, std::memory_order_relaxed);
        requests_[vector / 64].fetch_or(bit, std::memory_order_release);
    }

    /// Hands every waiting interrupt to `sink(vector, level)`, lowest first.
    template <typename F>
    void take(F&& sink) {
        for (u32 word = 0; word < 4; ++word) {
            if (requests_[word].load(std::memory_order_relaxed) == 0)
                continue;
            u64 waiting = requests_[word].exchange(0, std::memory_order_acquire);
            u64 level = level_[word].fetch_and(~waiting, std::memory_order_relaxed);
            for (; waiting != 0; waiting &= waiting - 1) {
                auto bit = static_cast<u32>(__builtin_ctzll(waiting));
                sink(static_cast<u8>(word * 64 + bit), (level >> bit & 1) != 0);
            }
        }
    }

    void clear() {
        for (u32 word = 0; word < 4; ++word) {
            requests_[word].store(0, std::memory_order_relaxed);
            level_[word].store(0, std::memory_order_relaxed);
        }
    }

  private:
    std::array<std::atomic<u64>, 4> requests_{};
    std::array<std::atomic<u64>, 4> level_{};
};

} // namespace cloison::core
