// SPDX-License-Identifier: Apache-2.0
// The partition's second CPU: started by INIT and SIPI, then does what the boot CPU asks for.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::guest {

class SecondCpu {
  public:
    /// Sends INIT and SIPI to the CPU with APIC ID 1; false when it does not come up within
    /// `ticks`.
    bool start(u64 ticks = 50'000'000);
    /// The SIPI alone, for a CPU that somebody else sent an INIT.
    bool start_after_init(u64 ticks = 50'000'000);
    /// Has it run `job` and waits; false when that is not done within `ticks`.
    bool run(void (*job)(), u64 ticks = 50'000'000);
    /// Has it run `job`, now.
    void begin(void (*job)());
    /// True when it is done with what it was asked for, within `ticks`.
    [[nodiscard]] bool idle(u64 ticks = 50'000'000) const;
    /// True when it makes turns in its loop, within `ticks`.
    [[nodiscard]] bool alive(u64 ticks = 2'000'000) const;
    /// How often it has come up.
    [[nodiscard]] u32 starts() const { return starts_; }

    /// What the second CPU itself does, from its first 64-bit instruction on.
    [[noreturn]] void loop();

  private:
    template <typename F>
    static bool wait_until(F&& condition, u64 ticks);

    volatile u32 starts_ = 0;
    volatile u64 heartbeat_ = 0;
    void (*volatile job_)() = nullptr;
};

extern constinit SecondCpu second_cpu;

} // namespace cloison::guest
