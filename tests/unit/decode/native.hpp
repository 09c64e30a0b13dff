// SPDX-License-Identifier: Apache-2.0
// Instructions run on the processor that the test runs on, in 64-bit code.
#pragma once

#include "firmware/core/decode/registers.hpp"

#include <span>

namespace cloison::core {

/// A page of code, and behind it memory for its operands. Both below 2 GiB, so that 32-bit
/// addresses reach them.
class Native {
  public:
    static constexpr usize data_size = 16 * kib;

    Native();
    ~Native();
    Native(const Native&) = delete;
    Native& operator=(const Native&) = delete;

    /// False when the system gives no such memory.
    [[nodiscard]] bool usable() const { return page_ != nullptr; }
    [[nodiscard]] std::span<u8> data() const { return {page_ + page_size, data_size}; }
    [[nodiscard]] u64 code_address() const { return reinterpret_cast<u64>(page_); }

    /// Runs one instruction at code_address() that touches data() only, and leaves RSP alone. All
    /// registers but RSP and RIP are loaded before and stored after it; of RFLAGS only the status
    /// flags and DF may vary.
    void run(std::span<const u8> instruction, Registers& registers);

  private:
    u8* page_ = nullptr;
};

} // namespace cloison::core
