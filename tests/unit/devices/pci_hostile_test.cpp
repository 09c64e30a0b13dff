// SPDX-License-Identifier: Apache-2.0
// Whatever a guest does to its PCI bus and a server to its pages, the functions keep their
// promises.
#include "tests/unit/devices/dice.hpp"
#include "tests/unit/devices/pci_storm.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

TEST(Hostile, GuestAndServerOnThePciBus) {
    for (u64 seed = 0; seed < 100; ++seed) {
        Dice dice(seed);
        PciStorm storm;
        for (u32 i = 0; i < 1000; ++i)
            storm.step(dice);
    }
}

} // namespace
} // namespace cloison::core
