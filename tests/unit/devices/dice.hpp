// SPDX-License-Identifier: Apache-2.0
// Random numbers of the widths that the devices use, the same in every run.
#pragma once

#include "firmware/abi/types.hpp"

#include <random>

namespace cloison::core {

class Dice {
  public:
    explicit Dice(u64 seed) : engine_(seed) {}

    u64 bits() { return engine_(); }
    u32 word() { return static_cast<u32>(engine_()); }
    u8 byte() { return static_cast<u8>(engine_()); }
    /// 0 to n - 1.
    u32 below(u32 n) { return static_cast<u32>(engine_() % n); }
    /// True once in n times.
    bool one_in(u32 n) { return below(n) == 0; }

  private:
    std::mt19937_64 engine_;
};

} // namespace cloison::core
