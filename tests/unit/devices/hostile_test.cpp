// SPDX-License-Identifier: Apache-2.0
// Whatever a guest does to its ports, the board keeps its promises. Run under the sanitizers this
// also shows that nothing overflows, shifts too far or leaves an array.
#include "tests/unit/devices/board_driver.hpp"
#include "tests/unit/devices/dice.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

TEST(Hostile, EveryPortEverySizeRandomValues) {
    Dice dice(8);
    BoardDriver driver(2'000'000'000);
    for (u32 round = 0; round < 4; ++round) {
        for (u32 port = 0; port < 0x1'0000; ++port) {
            for (u32 size : {1u, 2u, 4u}) {
                u64 delay = dice.below(100'000);
                driver.carry_out({Operation::Kind::port_write, size, port, dice.bits(), delay});
                driver.carry_out({Operation::Kind::port_read, size, port, 0, 0});
            }
        }
        driver.forget();
    }
}

TEST(Hostile, RandomOperationsOnTheDevices) {
    for (u64 seed = 0; seed < 60; ++seed) {
        Dice dice(seed);
        BoardDriver driver(seed % 3 == 0 ? 1'000'000u : u64{50'000'000} << seed % 7);
        for (u32 i = 0; i < 10'000; ++i)
            driver.carry_out(make_operation(dice));
    }
}

/// A board that is advanced only when it asks for it shows the same, at the same ticks, as one that
/// is looked at all the time: no deadline is missing, and no look changes anything.
TEST(Hostile, DeadlinesAreAllThatIsNeeded) {
    u64 messages = 0, pic_changes = 0;
    for (u64 seed = 0; seed < 400; ++seed) {
        Dice dice(seed + 1000), extra(seed);
        u64 tsc_hz = seed % 2 == 0 ? 1'000'000 : 50'000'000;
        BoardDriver lazy(tsc_hz), eager(tsc_hz);
        for (u32 i = 0; i < 1000; ++i) {
            Operation op = make_operation(dice);
            lazy.carry_out(op);
            for (u32 looks = extra.below(4); looks > 0; --looks) {
                u64 part = op.delay / (1 + extra.below(5));
                eager.wait(eager.now() + part);
                eager.glance();
                op.delay -= part;
            }
            eager.carry_out(op);
            ASSERT_EQ(lazy.now(), eager.now());
        }
        ASSERT_EQ(lazy.sights().size(), eager.sights().size()) << "seed " << seed;
        for (usize i = 0; i < lazy.sights().size(); ++i) {
            const Sight &a = lazy.sights()[i], &b = eager.sights()[i];
            ASSERT_EQ(a, b) << "seed " << seed << ", sight " << i << " at " << a.tick << " and "
                            << b.tick << ": " << a.what << " and " << b.what;
            messages += a.kind == Sight::Kind::message;
            pic_changes += a.kind == Sight::Kind::pic_output;
        }
    }
    EXPECT_GT(messages, 10'000u); // there was something to see
    EXPECT_GT(pic_changes, 1000u);
}

} // namespace
} // namespace cloison::core
