// SPDX-License-Identifier: Apache-2.0
// A guest's devices under arbitrary port, memory and time operations. BoardDriver aborts when the
// board breaks a promise; the sanitizers see the rest.
#include "tests/fuzz/input.hpp"
#include "tests/unit/devices/board_driver.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cloison::fuzz::Input input({data, size});
    cloison::core::BoardDriver driver(1'000'000 + input.bits() % 5'000'000'000);
    while (!input.empty())
        driver.carry_out(cloison::core::make_operation(input));
    return 0;
}
