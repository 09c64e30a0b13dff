// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "firmware/abi/types.hpp"

#include <new>

namespace cloison::x86 {

/// Memory for everything whose number depends on the machine or the layout: handed out once at boot
/// in whole pages, zeroed, never given back.
class Arena {
  public:
    constexpr Arena() = default;
    explicit Arena(Extent region) : region_(region) {}

    /// `pages` zeroed pages, or null when the region is used up.
    void* pages(u64 count);

    /// A T in pages of its own, or null.
    template <typename T, typename... A>
    T* make(A&&... args) {
        void* memory = pages(round_up(sizeof(T), page_size) / page_size);
        return memory ? new (memory) T(static_cast<A&&>(args)...) : nullptr;
    }

    [[nodiscard]] u64 used() const { return used_; }

  private:
    Extent region_{};
    u64 used_ = 0;
};

/// The one arena of the firmware.
extern Arena arena;

} // namespace cloison::x86
