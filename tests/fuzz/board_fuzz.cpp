// SPDX-License-Identifier: Apache-2.0
// A guest's devices under arbitrary port, memory and time operations. BoardDriver aborts when the
// board breaks a promise; the sanitizers see the rest.
#include "tests/unit/devices/board_driver.hpp"

#include <span>

namespace {

using namespace cloison;

/// The input as a source of decisions: a byte for a small one, up to eight for a number.
class Input {
  public:
    explicit Input(std::span<const u8> bytes) : bytes_(bytes) {}

    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    u64 bits() {
        u64 value = 0;
        for (u32 length = byte() % 9u; length > 0; --length)
            value = value << 8 | byte();
        return value;
    }
    u32 below(u64 n) { return static_cast<u32>(byte() % n); }

  private:
    u8 byte() {
        if (bytes_.empty())
            return 0;
        u8 value = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return value;
    }

    std::span<const u8> bytes_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    Input input({data, size});
    core::BoardDriver driver(1'000'000 + input.bits() % 5'000'000'000);
    while (!input.empty())
        driver.carry_out(core::make_operation(input));
    return 0;
}
