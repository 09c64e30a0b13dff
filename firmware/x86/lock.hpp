// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "firmware/abi/types.hpp"
#include "firmware/x86/instructions.hpp"

#include <atomic>

namespace cloison::x86 {

/// A ticket lock: fair, so no partition can starve another at the few places CPUs meet.
class Lock {
  public:
    void lock() {
        u32 mine = next_.fetch_add(1, std::memory_order_relaxed);
        while (serving_.load(std::memory_order_acquire) != mine)
            pause();
    }
    void unlock() {
        serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }
    /// Takes the lock if nobody has it.
    bool try_lock() {
        u32 serving = serving_.load(std::memory_order_acquire);
        return next_.compare_exchange_strong(serving, serving + 1, std::memory_order_acquire);
    }

  private:
    std::atomic<u32> next_{0};
    std::atomic<u32> serving_{0};
};

/// Holds a lock for the length of a scope.
template <typename L>
class Guard {
  public:
    explicit Guard(L& lock) : lock_(lock) { lock_.lock(); }
    ~Guard() { lock_.unlock(); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

  private:
    L& lock_;
};

} // namespace cloison::x86
