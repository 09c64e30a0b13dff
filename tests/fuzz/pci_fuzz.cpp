// SPDX-License-Identifier: Apache-2.0
// A partition's PCI bus under arbitrary accesses of its guest, with a server that writes what it
// likes. PciStorm aborts when a promise is broken; the sanitizers see the rest.
#include "tests/fuzz/input.hpp"
#include "tests/unit/devices/pci_storm.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cloison::fuzz::Input input({data, size});
    cloison::core::PciStorm storm;
    while (!input.empty())
        storm.step(input);
    return 0;
}
