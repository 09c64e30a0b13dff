// SPDX-License-Identifier: Apache-2.0
// The closed form of an 8254 counter against a counter that really counts, clock by clock.
#include "firmware/core/devices/pit_channel.hpp"

#include "tests/unit/devices/dice.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

/// The data sheet's counter: state that changes with each clock. Counts in cycles, binary.
class ClockedCounter {
  public:
    void control(u32 mode) {
        mode_ = mode;
        loaded_ = load_ = has_count_ = false;
        output_ = mode != 0;
    }
    void count(u32 n) {
        count_ = n;
        has_count_ = true;
        if (mode_ == 0)
            output_ = false;
        if (mode_ == 0 || mode_ == 4 || (periodic() && (!loaded_ || !gate_)))
            load_ = true;
    }
    void gate(bool gate) {
        bool rises = gate && !gate_;
        gate_ = gate;
        if (periodic() && !gate)
            output_ = true;
        if (rises && has_count_ && mode_ != 0 && mode_ != 4)
            load_ = true;
    }
    void clock() {
        if (load_) {
            load();
        } else if (loaded_ && (gate_ || mode_ == 1 || mode_ == 5)) {
            switch (mode_) {
            case 2:
                element_ -= 1;
                output_ = element_ != 1;
                if (element_ == 0)
                    load();
                break;
            case 3:
                clock_square();
                break;
            default:
                clock_single();
                break;
            }
        }
    }

    [[nodiscard]] bool output() const { return output_; }
    [[nodiscard]] bool loaded() const { return loaded_; }
    [[nodiscard]] u32 element() const { return element_ & 0xFFFF; }
    [[nodiscard]] bool periodic() const { return mode_ == 2 || mode_ == 3; }

  private:
    void load() {
        load_ = false;
        loaded_ = true;
        fired_ = false;
        element_ = mode_ == 3 ? count_ & ~1u : count_;
        odd_ = count_ % 2 != 0;
        output_ = mode_ >= 2;
    }
    void clock_square() {
        if (element_ != 0)
            element_ -= 2;
        else
            odd_ = false; // the extra clock of an odd count's high half
        bool extra = odd_ && output_;
        if (element_ == 0 && !extra) {
            bool next = !output_;
            load();
            output_ = next;
        }
    }
    void clock_single() {
        element_ -= 1;
        bool zero = element_ == 0 && !fired_;
        fired_ = fired_ || zero;
        if (mode_ >= 4)
            output_ = !zero;
        else if (zero)
            output_ = true;
    }

    u32 mode_ = 0, count_ = 0, element_ = 0;
    bool gate_ = true, loaded_ = false, load_ = false, has_count_ = false, output_ = true;
    bool fired_ = false, odd_ = false;
};

u8 control_word(u32 mode) {
    return static_cast<u8>(0x30 | mode << 1);
}

struct Pair {
    explicit Pair(u32 mode) : closed(control_word(mode), 100, true) { set_mode(mode); }

    void set_mode(u32 mode) {
        closed.write_control(control_word(mode), cycle);
        clocked.control(mode);
    }
    void set_count(u32 n) {
        closed.write_count(static_cast<u8>(n), cycle);
        closed.write_count(static_cast<u8>(n >> 8), cycle);
        clocked.count(n);
    }
    void set_gate(bool gate) {
        closed.set_gate(gate, cycle);
        clocked.gate(gate);
        gated = gate;
    }
    u32 element() {
        closed.latch_count(cycle);
        u32 low = closed.read(cycle);
        return low | u32{closed.read(cycle)} << 8;
    }
    /// One clock on; both must agree on all that can be seen.
    void step(bool look) {
        bool before = closed.output(cycle);
        bool rises = closed.next_rise(cycle) == cycle + 1;
        clocked.clock();
        ++cycle;
        ASSERT_EQ(closed.output(cycle), clocked.output()) << "cycle " << cycle;
        ASSERT_EQ(rises, !before && clocked.output()) << "cycle " << cycle;
        bool comparable = clocked.loaded() && (gated || !clocked.periodic());
        if (look && comparable) {
            ASSERT_EQ(element(), clocked.element()) << "cycle " << cycle;
        }
    }

    PitChannel closed;
    ClockedCounter clocked;
    u64 cycle = 1000;
    bool gated = true;
};

class PitChannelModes : public testing::TestWithParam<u32> {};

TEST_P(PitChannelModes, CountsAsTheClockedCounterDoes) {
    Dice dice(GetParam());
    for (int round = 0; round < 200; ++round) {
        Pair pair(GetParam());
        for (int step = 0; step < 400; ++step) {
            u32 action = dice.below(40);
            if (action == 0 || step == 5)
                pair.set_count(2 + dice.below(25));
            else if (action < 3)
                pair.set_gate(dice.one_in(2));
            else if (action == 3 && dice.one_in(8))
                pair.set_mode(GetParam());
            pair.step(dice.one_in(2));
            if (testing::Test::HasFatalFailure())
                FAIL() << "round " << round << " step " << step;
        }
    }
}

TEST_P(PitChannelModes, ChangesModeAsTheClockedCounterDoes) {
    Dice dice(GetParam() + 100);
    for (int round = 0; round < 200; ++round) {
        Pair pair(GetParam());
        for (int step = 0; step < 400; ++step) {
            u32 action = dice.below(30);
            if (action == 0) {
                pair.set_mode(dice.below(6));
                pair.set_count(2 + dice.below(25));
            } else if (action == 1) {
                pair.set_gate(dice.one_in(2));
            }
            pair.step(dice.one_in(2));
            if (testing::Test::HasFatalFailure())
                FAIL() << "round " << round << " step " << step;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Pit, PitChannelModes, testing::Range(0u, 6u));

struct PitChannelTest : testing::Test {
    u32 read_word(u64 cycle) {
        u32 low = channel.read(cycle);
        return low | u32{channel.read(cycle)} << 8;
    }
    void write_word(u32 count, u64 cycle) {
        channel.write_count(static_cast<u8>(count), cycle);
        channel.write_count(static_cast<u8>(count >> 8), cycle);
    }
    u8 status(u64 cycle) {
        channel.latch_status(cycle);
        return channel.read(cycle);
    }

    PitChannel channel{0x34, 1000, true};
};

TEST_F(PitChannelTest, ZeroIsTheGreatestCount) {
    channel.write_control(0x34, 0);
    write_word(0, 0);
    EXPECT_EQ(channel.next_rise(1), 1u + 0x1'0000);
    channel.write_control(0x35, 0); // BCD
    write_word(0, 0);
    EXPECT_EQ(channel.next_rise(1), 1u + 10'000);
}

TEST_F(PitChannelTest, CountsInBcd) {
    channel.write_control(0x31, 0);
    write_word(0x1234, 0);
    EXPECT_EQ(read_word(1), 0x1234u);
    EXPECT_EQ(read_word(1 + 35), 0x1199u);
    EXPECT_EQ(read_word(1 + 1234), 0x0000u);
    EXPECT_EQ(read_word(1 + 1235), 0x9999u);
    EXPECT_EQ(channel.next_rise(1), 1u + 1234);
}

TEST_F(PitChannelTest, AccessByOneByte) {
    channel.write_control(0x14, 0);
    channel.write_count(0x20, 0);
    EXPECT_EQ(channel.next_rise(1), 1u + 0x20);
    EXPECT_EQ(channel.read(1), 0x20);
    EXPECT_EQ(channel.read(2), 0x1F);
    channel.write_control(0x24, 0);
    channel.write_count(0x20, 0);
    EXPECT_EQ(channel.next_rise(1), 1u + 0x2000);
    EXPECT_EQ(channel.read(1), 0x20);
    EXPECT_EQ(channel.read(2), 0x1F);
}

TEST_F(PitChannelTest, ALatchHoldsUntilItIsRead) {
    channel.write_control(0x34, 0);
    write_word(1000, 0);
    channel.latch_count(101);
    channel.latch_count(201); // in vain
    EXPECT_EQ(channel.read(301), 900 & 0xFF);
    channel.latch_count(302); // half read: still in vain
    EXPECT_EQ(channel.read(303), 900 >> 8);
    EXPECT_EQ(read_word(301), 700u);
}

TEST_F(PitChannelTest, StatusComesBeforeTheCount) {
    channel.write_control(0x34, 0);
    write_word(1000, 0);
    channel.latch_count(101);
    channel.latch_status(101);
    EXPECT_EQ(channel.read(301), 0xB4); // OUT high, count loaded
    EXPECT_EQ(read_word(301), 900u);
}

TEST_F(PitChannelTest, StatusTellsOfACountNotYetLoaded) {
    channel.write_control(0x30, 50);
    EXPECT_EQ(status(50), 0x70); // OUT low, null count
    write_word(10, 60);
    EXPECT_EQ(status(60), 0x70);
    EXPECT_EQ(status(61), 0x30);
    EXPECT_EQ(status(71), 0xB0);
    channel.write_control(0x34, 80);
    write_word(100, 80);
    EXPECT_EQ(status(81), 0xB4);
    write_word(200, 90); // waits for the period's end
    EXPECT_EQ(status(100), 0xF4);
    EXPECT_EQ(status(181), 0xB4);
    EXPECT_EQ(channel.next_rise(181), 381u);
}

TEST_F(PitChannelTest, InModeZeroTheFirstByteStopsTheCounter) {
    channel.write_control(0x30, 0);
    write_word(10, 0);
    EXPECT_TRUE(channel.output(11));
    channel.write_count(20, 15);
    EXPECT_FALSE(channel.output(15));
    EXPECT_EQ(channel.next_rise(15), PitChannel::no_cycle);
    channel.write_count(0, 100);
    EXPECT_EQ(channel.next_rise(100), 121u);
}

TEST_F(PitChannelTest, TheForbiddenCountOfOneIsHarmless) {
    channel.write_control(0x36, 0);
    write_word(1, 0);
    EXPECT_EQ(channel.next_rise(10), 11u);
    channel.write_control(0x34, 20);
    write_word(1, 20);
    EXPECT_EQ(channel.next_rise(21), 23u);
}

TEST_F(PitChannelTest, ModesSixAndSevenAreTwoAndThree) {
    channel.write_control(0x3C, 0);
    write_word(100, 0);
    EXPECT_FALSE(channel.output(100));
    EXPECT_EQ(channel.next_rise(100), 101u);
    EXPECT_EQ(channel.next_rise(101), 201u);
}

} // namespace
} // namespace cloison::core
